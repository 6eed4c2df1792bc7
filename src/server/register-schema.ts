/**
 * Registering a version of a schema: checked against the versions before it, and stored with its number in one step.
 */
import { concurrentModification, invalidInput } from "../catalog/catalog-errors.js";
import type { Entity } from "../catalog/index.js";
import { incompatibility } from "../catalog/schemas/compatibility.js";
import { type SchemaDefinition, type SchemaFormat, schemaFormat } from "../catalog/schemas/schema-format.js";
import { DynaframeError } from "../types/error.js";
import type { OperationContext } from "./operation.js";
import {
  getSchema,
  type SchemaName,
  type SchemaRecord,
  schemaRef,
  versionIdRef,
  type VersionRecord,
  versionRef,
  versionsOf,
} from "./schema-record.js";

/** Under this key the metadata of a version that failed say why: the service's answers have no member for it. */
const REASON = "dynaframe.incompatible";
const ATTEMPTS = 50;

/**
 * @throws InvalidInputException for a definition that is none; OperationNotSupportedException for a format that cannot
 * be checked.
 */
export async function validDefinition(format: string, text: string): Promise<SchemaDefinition> {
  const { parse, problem } = await schemaFormat(format);
  const definition = parse(text);
  const found = typeof definition === "string" ? definition : await problem(definition.value);
  if (found !== undefined || typeof definition === "string")
    throw invalidInput(`Schema definition of ${format} data format is invalid: ${found}`, { path: "SchemaDefinition" });
  return definition;
}

/** @throws OperationNotSupportedException for a mode that definitions of the format cannot be held to. */
export async function requireMode(format: string, mode: string): Promise<void> {
  const { modes } = await schemaFormat(format);
  if (modes === undefined || modes.includes(mode)) return;
  throw new DynaframeError("UNSUPPORTED_OPTION", `Schemas of format ${format} cannot be compared`, {
    name: "OperationNotSupportedException",
    path: "Compatibility",
    expected: modes.join(", "),
    found: mode,
  });
}

/**
 * The version with this definition, one that is there already or a new one; AVAILABLE, or FAILURE when it is not
 * compatible.
 */
export async function registerVersion(
  context: OperationContext,
  name: SchemaName,
  text: string,
): Promise<VersionRecord> {
  // a version that came in between is one that this one is held to
  return repeatedly(() => tryRegister(context, name, text), name.schema);
}

async function tryRegister(context: OperationContext, name: SchemaName, text: string): Promise<VersionRecord> {
  const { catalog } = context;
  const schema = await getSchema(catalog, name);
  const format = await schemaFormat(schema.doc.DataFormat);
  const definition = await validDefinition(schema.doc.DataFormat, text);
  const versions = await versionsOf(catalog, name);
  const known = sameDefinition(format, versions, definition);
  if (known !== undefined) return known.doc;
  if (schema.doc.Compatibility === "DISABLED" && versions.length > 0)
    throw invalidInput(`Schema ${name.schema} takes no new versions: its compatibility is DISABLED`, {
      path: name.schema,
    });
  const earlier = versions
    .filter(({ doc }) => doc.status === "AVAILABLE" && doc.number >= schema.doc.checkpoint)
    .flatMap(({ doc }) => {
      const own = format.parse(doc.definition);
      return typeof own === "string" ? [] : [{ number: doc.number, value: own.value }];
    });
  const reason = await incompatibility(format, schema.doc.Compatibility, earlier, definition.value);
  const version: VersionRecord = {
    id: newUuid(context),
    number: schema.doc.next,
    definition: text,
    status: reason === undefined ? "AVAILABLE" : "FAILURE",
    metadata: reason === undefined ? [] : [{ key: REASON, value: reason.slice(0, 2000), created: context.now() }],
  };
  await catalog.changeEntities(changesFor(name, schema, version));
  return version;
}

function changesFor(name: SchemaName, schema: Entity<SchemaRecord>, version: VersionRecord) {
  const doc: SchemaRecord = { ...schema.doc, next: version.number + 1 };
  return [{ ref: schemaRef(name), doc, ifVersion: schema.version }, ...newVersion(name, version)];
}

/** With the hyphens that ids of schema versions have. */
export const newUuid = ({ newId }: Pick<OperationContext, "newId">): string =>
  newId().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

/** What stores a version. */
export const newVersion = (name: SchemaName, version: VersionRecord) => [
  { ref: versionRef(name, version.number), doc: version, ifVersion: 0 },
  { ref: versionIdRef(version.id), doc: { ...name, number: version.number }, ifVersion: 0 },
];

/** The version that says the same, whatever its layout; those that failed do not count. */
export function sameDefinition(
  { parse }: SchemaFormat,
  versions: readonly Entity<VersionRecord>[],
  { canonical }: SchemaDefinition,
): Entity<VersionRecord> | undefined {
  return versions.find(({ doc }) => {
    const own = doc.status === "AVAILABLE" ? parse(doc.definition) : undefined;
    return typeof own === "object" && own.canonical === canonical;
  });
}

/** Repeats a change of entities while others change them too. @throws CONCURRENT_MODIFICATION when that never ends. */
export async function repeatedly<T>(change: () => Promise<T>, what: string): Promise<T> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "CONCURRENT_MODIFICATION") throw error;
    }
  }
  throw concurrentModification(`${what} was changed by others again and again`, { path: what, hint: "try again" });
}
