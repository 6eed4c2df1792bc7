import { DynaframeError } from "../../types/error.js";
import type { EngineAccess, FileReader, FileRef, ListOptions, Storage } from "../index.js";
import { formatS3Address, isS3Address, parseS3Address, type S3Address } from "./address.js";
import type { S3Session } from "./client.js";
import type { AheadBudget } from "./read-object.js";
import type { S3Settings } from "./settings.js";

export type { S3Settings } from "./settings.js";

/** Gives the settings of a connection by name, those of the context for undefined. */
export type S3SettingsSource = (connection: string | undefined) => S3Settings | Promise<S3Settings>;

type Objects = typeof import("./objects.js");

/**
 * Objects of S3 and of servers like it: `s3://bucket/key`, also `s3a:` and `s3n:`, and `s3://connection@bucket/key`.
 * The AWS SDK is loaded, and settings are asked for, when a bucket is first touched.
 * Errors carry PATH_NOT_FOUND (for a missing bucket too), ACCESS_DENIED, SOURCE_CHANGED, SOURCE_VANISHED,
 * TARGET_EXISTS, IS_A_FOLDER, READ_FAILED, WRITE_FAILED, BAD_ADDRESS or OPTIONAL_DEPENDENCY, with the address and a
 * hint.
 */
export function s3Storage(settingsOf: S3SettingsSource): Storage {
  const sessions = new Map<string, Promise<S3Session>>();
  const budget: AheadBudget = { used: 0 };
  const objects = (): Promise<Objects> => import("./objects.js");
  const sessionOf = ({ connection }: S3Address): Promise<S3Session> => {
    const name = connection === undefined ? "" : `@${connection}`;
    const known =
      sessions.get(name)
      ?? Promise.all([objects(), settingsOf(connection)]).then(([{ openS3Session }, settings]) =>
        openS3Session(settings),
      );
    sessions.set(name, known);
    // what failed may be put right and tried again
    known.catch(() => sessions.delete(name));
    return known;
  };
  const at = async <T>(
    path: string,
    use: (objects: Objects, session: S3Session, address: S3Address, path: string) => Promise<T>,
  ): Promise<T> => {
    const address = parseS3Address(path);
    return use(await objects(), await sessionOf(address), address, formatS3Address(address));
  };
  return Object.freeze({
    scheme: "s3",
    accepts: isS3Address,
    resolve,
    list: async function* (address: string, options: ListOptions = {}): AsyncIterable<FileRef> {
      const path = resolve(address);
      const parsed = parseS3Address(path);
      const { listObjects } = await objects();
      yield* listObjects(await sessionOf(parsed), parsed, path, options);
    },
    stat: (path: string) => at(path, ({ statObject }, ...object) => statObject(...object)),
    open: (path: string) =>
      at(path, (loaded, session, address, canonical) => openOrExplain(loaded, session, address, canonical, budget)),
    create: (path: string) => at(path, ({ createObject }, ...object) => createObject(...object)),
    publish: (localFile: string, path: string, options = {}) =>
      at(path, ({ publishObject }, session, address, canonical) =>
        publishObject(session, localFile, address, canonical, options),
      ),
    remove: (path: string) => at(path, ({ removeObject }, ...object) => removeObject(...object)),
    localPath: () => undefined,
    request: (ref: FileRef) =>
      at(ref.path, async (_, { gets }, { bucket, key }) =>
        ref.etag === "" ? undefined : gets.sign(bucket, key, { "if-match": `"${ref.etag}"` }),
      ),
    engineAccess: (path: string) => at(path, (_, session, address) => engineAccess(session, address)),
    stagingBeside: () => undefined,
  } satisfies Storage);
}

/** Slashes at the end are left out, as for folders on disk; all others are part of the key. */
function resolve(address: string): string {
  const parsed = parseS3Address(address);
  return formatS3Address({ ...parsed, key: parsed.key.replace(/\/+$/, "") });
}

/** Not with temporary keys: an engine keeps them until it closes, and they would expire in its hands. */
async function engineAccess({ client, settings }: S3Session, address: S3Address): Promise<EngineAccess | undefined> {
  const keys = settings.anonymous === true ? undefined : await client.config.credentials();
  if (keys?.sessionToken !== undefined || keys?.expiration !== undefined) return undefined;
  return {
    url: formatS3Address({ ...address, connection: undefined }),
    endpoint: settings.endpoint,
    region: await client.config.region(),
    pathStyle: settings.forcePathStyle === true,
    keys: keys && { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
    requesterPays: settings.requesterPays === true,
  };
}

async function openOrExplain(
  { openObject, isObjectFolder }: Objects,
  session: S3Session,
  address: S3Address,
  path: string,
  budget: AheadBudget,
): Promise<FileReader> {
  if (address.key === "") throw isFolder(path);
  try {
    return await openObject(session, address, path, budget);
  } catch (error) {
    const mayBeFolder = error instanceof DynaframeError && error.code === "PATH_NOT_FOUND";
    if (mayBeFolder && (await isObjectFolder(session, address, path).catch(() => false))) throw isFolder(path);
    throw error;
  }
}

const isFolder = (file: string): DynaframeError =>
  new DynaframeError("IS_A_FOLDER", `${file} is a folder, a file was expected`, { file, hint: "Name a file in it." });
