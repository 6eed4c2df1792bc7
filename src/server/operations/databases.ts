import type { DatabaseInput } from "../../catalog/index.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { answerPage, type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { putTags, type Tags } from "../resource-tags.js";

type Named = { readonly Name: string };

export const databaseOperations = {
  CreateDatabase: operation(
    async ({ DatabaseInput: input, Tags }: { DatabaseInput: DatabaseInput; Tags?: Tags }, context) => {
      await context.catalog.createDatabase(input);
      await putTags(context, arnOf(context, "database", input.Name.toLowerCase()), Tags);
      return {};
    },
  ),
  GetDatabase: operation(async ({ Name }: Named, { catalog }) => ({ Database: await catalog.getDatabase(Name) })),
  GetDatabases: operation(
    async (input: Paged & { ResourceShareType?: string; AttributesToGet?: readonly string[] }, { catalog }) => {
      // every database is this account's own
      if (input.ResourceShareType === "FOREIGN" || input.ResourceShareType === "FEDERATED") return { DatabaseList: [] };
      const page = await catalog.getDatabases(pageOf(input, 100));
      return answerPage<object>(
        "DatabaseList",
        input.AttributesToGet?.length
          ? {
              ...page,
              items: page.items.map(({ Name, CatalogId, TargetDatabase }) => ({ Name, CatalogId, TargetDatabase })),
            }
          : page,
      );
    },
  ),
  UpdateDatabase: operation(
    async ({ Name, DatabaseInput: input }: Named & { DatabaseInput: DatabaseInput }, { catalog }) => {
      await catalog.updateDatabase(Name, input);
      return {};
    },
  ),
  DeleteDatabase: operation(async (input: Named, { catalog }) => {
    refuseMembers(input, "TransactionId");
    await catalog.deleteDatabase(input.Name);
    return {};
  }),
} satisfies OperationTable;
