/** ARNs of the catalog's resources (AWS Glue developer guide, "Specifying Glue resource ARNs"). */
import type { OperationContext } from "./operation.js";

/** `arn:aws:glue:us-east-1:123456789012:table/shop/orders` for `arnOf(context, "table", "shop", "orders")`. */
export function arnOf(
  { region, accountId }: Pick<OperationContext, "region" | "accountId">,
  type: string,
  ...names: readonly string[]
): string {
  return `arn:aws:glue:${region}:${accountId}:${[type, ...names].join("/")}`;
}
