import {
  allDefinitions,
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import { allPages } from "../../catalog/all-pages.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import { namePattern } from "../../catalog/name-pattern.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { paged } from "../page-of-list.js";

type FunctionInput = {
  readonly FunctionName?: string;
  readonly FunctionType?: string;
  readonly [member: string]: unknown;
};
type InDatabase = { readonly DatabaseName: string };
type Named = InDatabase & { readonly FunctionName: string };
type GetFunctions = Paged & {
  readonly DatabaseName?: string;
  readonly Pattern: string;
  readonly FunctionType?: string;
};

// functions hang on their database, and go with it
const ref = (database: string, name: string) => ({ kind: "user-defined-function", database, name: name.toLowerCase() });

export const functionOperations = {
  CreateUserDefinedFunction: operation(
    async (
      { DatabaseName, FunctionInput: input }: InDatabase & { readonly FunctionInput: FunctionInput },
      { catalog },
    ) => {
      await createDefinition(catalog, ref(DatabaseName, requireName(input)), input);
      return {};
    },
  ),
  GetUserDefinedFunction: operation(async ({ DatabaseName, FunctionName }: Named, context) => ({
    UserDefinedFunction: functionOf(
      context,
      DatabaseName,
      await getDefinition(context.catalog, ref(DatabaseName, FunctionName)),
    ),
  })),
  GetUserDefinedFunctions: operation(async (input: GetFunctions, context) => {
    const { catalog } = context;
    const matches = namePattern(input.Pattern);
    const databases =
      input.DatabaseName === undefined
        ? (await allPages((page) => catalog.getDatabases(page))).map(({ Name }) => Name)
        : [input.DatabaseName.toLowerCase()];
    const found: object[] = [];
    for (const database of databases) {
      const all = await allDefinitions<FunctionInput>(catalog, { kind: "user-defined-function", database });
      found.push(
        ...all
          .filter(
            ({ name, doc }) =>
              matches(name) && (input.FunctionType === undefined || doc.FunctionType === input.FunctionType),
          )
          .map((entity) => functionOf(context, database, entity)),
      );
    }
    return paged("UserDefinedFunctions", found, pageOf(input, 100), [
      "functions",
      input.DatabaseName ?? "",
      input.Pattern,
    ]);
  }),
  UpdateUserDefinedFunction: operation(
    async (
      { DatabaseName, FunctionName, FunctionInput: input }: Named & { readonly FunctionInput: FunctionInput },
      { catalog },
    ) => {
      if (input.FunctionName !== undefined && input.FunctionName.toLowerCase() !== FunctionName.toLowerCase())
        throw invalidInput("A function cannot be renamed", { path: "FunctionInput.FunctionName" });
      await changeDefinition<FunctionInput>(catalog, ref(DatabaseName, FunctionName), () => input);
      return {};
    },
  ),
  DeleteUserDefinedFunction: operation(async ({ DatabaseName, FunctionName }: Named, { catalog }) => {
    await deleteDefinition(catalog, ref(DatabaseName, FunctionName));
    return {};
  }),
} satisfies OperationTable;

function requireName({ FunctionName }: FunctionInput): string {
  if (FunctionName === undefined)
    throw invalidInput("FunctionInput.FunctionName is required", { path: "FunctionInput.FunctionName" });
  return FunctionName;
}

const functionOf = (
  { accountId }: OperationContext,
  database: string,
  { name, doc, created }: Entity<unknown>,
): object => ({
  ...(doc as FunctionInput),
  FunctionName: name,
  DatabaseName: database.toLowerCase(),
  CreateTime: created,
  CatalogId: accountId,
});
