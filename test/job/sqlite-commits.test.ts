import { databaseCommits } from "./database-commits.js";

databaseCommits("sqlite");
