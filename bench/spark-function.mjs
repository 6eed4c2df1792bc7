// The function that bench/spark-executors.mjs sends to the executors.
import { defineUdf } from "dynaframe";

export const total = defineUdf(import.meta.url, "total", (r) => ({
  ...r,
  total: r.amount * 2,
  name: r.name.toUpperCase(),
}));
