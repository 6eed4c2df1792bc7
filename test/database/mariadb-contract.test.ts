import { databaseContract } from "./contract.js";

databaseContract("mariadb", { timestamp: "timestampntz" });
