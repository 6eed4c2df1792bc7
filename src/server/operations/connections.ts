import type { Catalog, ConnectionInput } from "../../catalog/index.js";
import { allPages } from "../../catalog/all-pages.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import { DynaframeError } from "../../types/error.js";
import type { ErrorDetail } from "../batch-errors.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { answerPage, type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type GetConnections = Paged & {
  readonly HidePassword?: boolean;
  readonly Filter?: { readonly MatchCriteria?: readonly string[]; readonly ConnectionType?: string };
};
type TestConnection = {
  readonly ConnectionName?: string;
  readonly TestConnectionInput?: Partial<Pick<ConnectionInput, "ConnectionType" | "ConnectionProperties">>;
};

export const connectionOperations = {
  CreateConnection: operation(
    async ({ ConnectionInput: input, Tags }: { ConnectionInput: ConnectionInput; Tags?: Tags }, context) => {
      await context.catalog.createConnection(input);
      await putTags(context, arnOf(context, "connection", input.Name), Tags);
      return { CreateConnectionStatus: "READY" };
    },
  ),
  GetConnection: operation(async (input: { Name: string; HidePassword?: boolean }, { catalog }) => {
    refuseMembers(input, "ApplyOverrideForComputeEnvironment");
    return { Connection: await catalog.getConnection(input.Name, { hidePassword: input.HidePassword === true }) };
  }),
  GetConnections: operation(async (input: GetConnections, { catalog }) => {
    const { Filter: filter = {}, HidePassword: hidePassword = false } = input;
    refuseMembers(filter, "ConnectionSchemaVersion");
    if (filter.ConnectionType === undefined && !filter.MatchCriteria?.length)
      return answerPage("ConnectionList", await catalog.getConnections({ ...pageOf(input), hidePassword }));
    // filtered lists are short and come whole
    const all = await allPages((page) => catalog.getConnections({ ...page, hidePassword }));
    return {
      ConnectionList: all.filter(
        (c) =>
          (filter.ConnectionType === undefined || c.ConnectionType === filter.ConnectionType)
          && (filter.MatchCriteria ?? []).every((wanted) => c.MatchCriteria?.includes(wanted)),
      ),
    };
  }),
  UpdateConnection: operation(
    async ({ Name, ConnectionInput: input }: { Name: string; ConnectionInput: ConnectionInput }, { catalog }) => {
      await catalog.updateConnection(Name, input);
      return {};
    },
  ),
  DeleteConnection: operation(async ({ ConnectionName }: { ConnectionName: string }, context) => {
    await context.catalog.deleteConnection(ConnectionName);
    await dropTags(context, arnOf(context, "connection", ConnectionName));
    return {};
  }),
  BatchDeleteConnection: operation(
    async ({ ConnectionNameList }: { ConnectionNameList: readonly string[] }, context) => {
      const succeeded: string[] = [];
      const errors: { [name: string]: ErrorDetail } = {};
      for (const name of ConnectionNameList) {
        try {
          await context.catalog.deleteConnection(name);
          await dropTags(context, arnOf(context, "connection", name));
          succeeded.push(name);
        } catch (error) {
          if (!(error instanceof DynaframeError) || error.name === "DynaframeError") throw error;
          errors[name] = { ErrorCode: error.name, ErrorMessage: error.message };
        }
      }
      return { Succeeded: succeeded, Errors: errors };
    },
  ),
  TestConnection: operation(async (input: TestConnection, { catalog, testConnection }) => {
    const connection = await connectionToTest(catalog, input);
    if (testConnection === undefined) {
      throw new DynaframeError("UNSUPPORTED", "TestConnection is not wired to anything that connects", {
        name: "OperationNotSupportedException",
        path: connection.Name,
      });
    }
    try {
      await testConnection(connection);
    } catch (error) {
      throw testFailure(error);
    }
    return {};
  }),
} satisfies OperationTable;

async function connectionToTest(
  catalog: Catalog,
  { ConnectionName: name, TestConnectionInput: given }: TestConnection,
): Promise<ConnectionInput> {
  if ((name === undefined) === (given === undefined))
    throw invalidInput("Exactly one of ConnectionName and TestConnectionInput is required", { path: "ConnectionName" });
  if (name !== undefined) return catalog.getConnection(name);
  const { ConnectionType = "", ConnectionProperties = {}, ...others } = given ?? {};
  refuseMembers(others, "AuthenticationConfiguration");
  return { Name: "TestConnectionInput", ConnectionType, ConnectionProperties };
}

/** A database that does not answer is the connection's fault, not the server's; its messages carry no secret. */
function testFailure(error: unknown): unknown {
  if (!(error instanceof DynaframeError) || error.name !== "DynaframeError" || error.code.startsWith("UNSUPPORTED"))
    return error;
  return invalidInput(`The connection cannot be used: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
