/** What takes a schema away with all that hangs on it. */
import type { EntityChange } from "../catalog/index.js";
import type { OperationContext } from "./operation.js";
import { tagsRef } from "./resource-tags.js";
import {
  getSchema,
  schemaArn,
  type SchemaName,
  schemaRef,
  versionIdRef,
  versionRef,
  versionsOf,
} from "./schema-record.js";

/** @throws EntityNotFoundException; the changes fail when the schema changes meanwhile. */
export async function schemaRemoval(context: OperationContext, name: SchemaName): Promise<readonly EntityChange[]> {
  const { version } = await getSchema(context.catalog, name);
  const versions = await versionsOf(context.catalog, name);
  return [
    { ref: schemaRef(name), ifVersion: version },
    { ref: tagsRef(schemaArn(context, name)) },
    ...versions.flatMap(({ doc }) => [{ ref: versionRef(name, doc.number) }, { ref: versionIdRef(doc.id) }]),
  ];
}
