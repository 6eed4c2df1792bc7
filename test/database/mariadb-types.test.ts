import { mysqlTypes } from "./mysql-types.js";

mysqlTypes("mariadb");
