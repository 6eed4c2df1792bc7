import { createHash } from "node:crypto";
import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import { listed } from "../definition-operations.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";
import { arnOf } from "../resource-arn.js";

type Policy = { readonly json: string };
type PutPolicy = {
  readonly PolicyInJson: string;
  readonly ResourceArn?: string;
  readonly PolicyHashCondition?: string;
  readonly PolicyExistsCondition?: "MUST_EXIST" | "NOT_EXIST" | "NONE";
};

const configuration = (name: string) => ({ kind: "security-configuration", name });
const ENCRYPTION = { kind: "encryption-settings", name: "catalog" };
const hashOf = (json: string): string => createHash("sha256").update(json).digest("base64");

export const securityOperations = {
  CreateSecurityConfiguration: operation(
    async ({ Name, EncryptionConfiguration }: { Name: string; EncryptionConfiguration: object }, { catalog, now }) => {
      await createDefinition(catalog, configuration(Name), EncryptionConfiguration);
      return { Name, CreatedTimestamp: now() };
    },
  ),
  GetSecurityConfiguration: operation(async ({ Name }: { Name: string }, { catalog }) => ({
    SecurityConfiguration: configurationOf(await getDefinition(catalog, configuration(Name))),
  })),
  GetSecurityConfigurations: operation(async (input: Paged, context) =>
    listed(context, "security-configuration", input, "SecurityConfigurations", configurationOf),
  ),
  DeleteSecurityConfiguration: operation(async ({ Name }: { Name: string }, { catalog }) => {
    await deleteDefinition(catalog, configuration(Name));
    return {};
  }),
  PutDataCatalogEncryptionSettings: operation(
    async ({ DataCatalogEncryptionSettings: settings }: { DataCatalogEncryptionSettings: object }, { catalog }) => {
      await catalog.changeEntities([{ ref: ENCRYPTION, doc: settings }]);
      return {};
    },
  ),
  // what connections hold in secret is always encrypted here; the settings are kept for those who ask for them
  GetDataCatalogEncryptionSettings: operation(async (_: object, { catalog }) => ({
    DataCatalogEncryptionSettings: (await catalog.getEntity(ENCRYPTION))?.doc ?? {
      EncryptionAtRest: { CatalogEncryptionMode: "DISABLED" },
      ConnectionPasswordEncryption: { ReturnConnectionPasswordEncrypted: false },
    },
  })),
  PutResourcePolicy: operation(async (input: PutPolicy, context) => {
    const { catalog } = context;
    checkPolicy(input.PolicyInJson);
    const ref = policyRef(context, input.ResourceArn);
    const before = (await catalog.getEntity(ref)) as Entity<Policy> | undefined;
    if (input.PolicyExistsCondition === "MUST_EXIST" && before === undefined)
      throw entityNotFound("There is no resource policy.", { path: ref.name });
    if (input.PolicyExistsCondition === "NOT_EXIST" && before !== undefined)
      throw conditionFailed("A resource policy exists already");
    checkHash(before, input.PolicyHashCondition);
    const doc: Policy = { json: input.PolicyInJson };
    if (before === undefined) await createDefinition(catalog, ref, doc);
    else
      await changeDefinition<Policy>(catalog, ref, (now) => {
        checkHash({ doc: now }, input.PolicyHashCondition);
        return doc;
      });
    return { PolicyHash: hashOf(doc.json) };
  }),
  GetResourcePolicy: operation(async ({ ResourceArn }: { ResourceArn?: string }, context) => {
    const entity = (await context.catalog.getEntity(policyRef(context, ResourceArn))) as Entity<Policy> | undefined;
    if (entity === undefined) throw entityNotFound("There is no resource policy.", { path: ResourceArn ?? "catalog" });
    return policyOf(entity);
  }),
  GetResourcePolicies: operation(async (input: Paged, context) =>
    listed<Policy>(context, "resource-policy", input, "GetResourcePoliciesResponseList", policyOf),
  ),
  DeleteResourcePolicy: operation(
    async ({ ResourceArn, PolicyHashCondition }: { ResourceArn?: string; PolicyHashCondition?: string }, context) => {
      const ref = policyRef(context, ResourceArn);
      checkHash(await getDefinition<Policy>(context.catalog, ref), PolicyHashCondition);
      await deleteDefinition(context.catalog, ref);
      return {};
    },
  ),
} satisfies OperationTable;

const configurationOf = ({ name, created, doc }: Entity<unknown>): object => ({
  Name: name,
  CreatedTimeStamp: created,
  EncryptionConfiguration: doc,
});

const policyOf = ({ doc: { json }, created, updated }: Entity<Policy>): object => ({
  PolicyInJson: json,
  PolicyHash: hashOf(json),
  CreateTime: created,
  UpdateTime: updated,
});

const policyRef = (context: OperationContext, arn: string | undefined) => ({
  kind: "resource-policy",
  name: arn ?? arnOf(context, "catalog"),
});

function checkPolicy(json: string): void {
  let policy: unknown;
  try {
    policy = JSON.parse(json);
  } catch {
    throw invalidInput("The policy is not valid JSON", { path: "PolicyInJson" });
  }
  if (typeof policy === "object" && policy !== null && "Statement" in policy) return;
  throw invalidInput("The policy has no Statement", { path: "PolicyInJson" });
}

function checkHash(entity: { readonly doc: Policy } | undefined, wanted: string | undefined): void {
  if (wanted === undefined || (entity !== undefined && hashOf(entity.doc.json) === wanted)) return;
  throw conditionFailed("The resource policy is not the one that PolicyHashCondition names");
}

const conditionFailed = (message: string): DynaframeError =>
  new DynaframeError("CONCURRENT_MODIFICATION", message, {
    name: "ConditionCheckFailureException",
    path: "PolicyHashCondition",
  });
