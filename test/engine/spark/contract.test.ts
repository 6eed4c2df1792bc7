import { engineContract } from "../contract.js";
import { describeSpark, sparkUnderTest } from "./spark-server.js";

describeSpark("Spark", () => {
  engineContract(sparkUnderTest, {
    parquet: true,
    sql: { list: "array(1)", struct: "named_struct('x', 1)", sum: "3" },
  });
});
