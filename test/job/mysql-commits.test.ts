import { databaseCommits } from "./database-commits.js";

databaseCommits("mysql");
