import { databaseContract } from "./contract.js";

databaseContract("mysql", { timestamp: "timestampntz" });
