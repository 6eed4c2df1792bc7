import { databaseContract } from "./contract.js";

databaseContract("sqlite");
