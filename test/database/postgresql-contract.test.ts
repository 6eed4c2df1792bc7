import { databaseContract } from "./contract.js";

databaseContract("postgresql", { byte: "short" });
