/**
 * Definitions that callers make, read, change and delete by name (crawlers, jobs, triggers, functions …), kept as
 * entities.
 */
import { allPages } from "../all-pages.js";
import { alreadyExists, entityNotFound } from "../catalog-errors.js";
import type { Entity, EntityGroup, EntityRef, EntityStore } from "../entity.js";
import { DynaframeError } from "../../types/error.js";
import { nearestName } from "../../types/nearest-name.js";

/** Times that a change is tried anew when another came in between. */
const ATTEMPTS = 50;

/** @throws AlreadyExistsException, EntityNotFoundException for the owner. */
export async function createDefinition(store: EntityStore, ref: EntityRef, doc: object): Promise<void> {
  try {
    await store.changeEntities([{ ref, doc, ifVersion: 0 }]);
  } catch (error) {
    if (isConflict(error)) throw alreadyExists(`${label(ref)} already exists`, { path: ref.name });
    throw error;
  }
}

/** @throws EntityNotFoundException. */
export async function getDefinition<Doc>(store: EntityStore, ref: EntityRef): Promise<Entity<Doc>> {
  const entity = await store.getEntity(ref);
  if (entity === undefined) throw await missingDefinition(store, ref);
  return entity as Entity<Doc>;
}

export async function hasDefinition(store: EntityStore, ref: EntityRef): Promise<boolean> {
  return (await store.getEntity(ref)) !== undefined;
}

/**
 * Applies `change` to what is there now, again and again while others change it too; gives the new document.
 * @throws EntityNotFoundException, and as `change`.
 */
export async function changeDefinition<Doc extends object>(
  store: EntityStore,
  ref: EntityRef,
  change: (doc: Doc, entity: Entity<Doc>) => Doc,
): Promise<Doc> {
  for (let attempt = 1; ; attempt += 1) {
    const entity = await getDefinition<Doc>(store, ref);
    const doc = change(entity.doc, entity);
    if (doc === entity.doc) return doc;
    try {
      await store.changeEntities([{ ref, doc, ifVersion: entity.version }]);
      return doc;
    } catch (error) {
      if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** @throws EntityNotFoundException. */
export async function deleteDefinition(store: EntityStore, ref: EntityRef): Promise<void> {
  const { version } = await getDefinition(store, ref);
  try {
    await store.changeEntities([{ ref, ifVersion: version }]);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await deleteDefinition(store, ref); // changed meanwhile: what is there now goes
  }
}

/** All of them, by name. */
export async function allDefinitions<Doc>(store: EntityStore, group: EntityGroup): Promise<readonly Entity<Doc>[]> {
  return (await allPages((page) => store.listEntities(group, page))) as readonly Entity<Doc>[];
}

/** With the nearest name of its group, by one page of them. */
async function missingDefinition(store: EntityStore, ref: EntityRef): Promise<DynaframeError> {
  const { name, ...group } = ref;
  const known = await store.listEntities(group, {}).then(
    ({ items }) => items.map((item) => item.name),
    () => [],
  ); // what is not there is told, whatever else fails
  const near = nearestName(name, known);
  return entityNotFound(`${label(ref)} not found.`, {
    path: name,
    hint: near === undefined ? "check the name" : `Did you mean ${near}?`,
  });
}

const isConflict = (error: unknown): boolean =>
  error instanceof DynaframeError && error.code === "CONCURRENT_MODIFICATION";

// "column-statistics" reads as "Column statistics"
const label = ({ kind, name }: EntityRef): string =>
  `${kind.charAt(0).toUpperCase()}${kind.slice(1).replaceAll("-", " ")} ${name}`;
