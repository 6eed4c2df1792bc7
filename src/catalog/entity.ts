/**
 * Entities: everything a catalog keeps beside databases, tables, partitions and connections (crawlers, jobs and their
 * runs, triggers, functions, column statistics, schemas, tags …) as one document each. What a document means is its
 * kind's affair, see `definitions/`.
 */
import type { Page, PageRequest } from "./index.js";

/** What entities hang on: with a database, table or partition they go when it goes. */
export type EntityOwner = {
  readonly database?: string;
  readonly table?: string;
  readonly partition?: readonly string[];
};

/** All entities of one kind, under one owner and scope; `scope` is the kind's own, such as the job that a run is of. */
export type EntityGroup = EntityOwner & { readonly kind: string; readonly scope?: string };

export type EntityRef = EntityGroup & { readonly name: string };

export type Entity<T = unknown> = {
  readonly name: string;
  readonly scope: string;
  /** Counts its changes from 1. */
  readonly version: number;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly updated: number;
  readonly doc: T;
};

export type EntityChange = {
  readonly ref: EntityRef;
  /** The new document; absent deletes the entity. */
  readonly doc?: unknown;
  /** The version it must be at, 0 for "must not exist"; absent holds always. */
  readonly ifVersion?: number;
};

export type EntityListing = PageRequest & { readonly newestFirst?: boolean };

export interface EntityStore {
  getEntity(ref: EntityRef): Promise<Entity | undefined>;
  /** In order of name, or by time of creation with `newestFirst`. Without a scope the entities of every scope. */
  listEntities(group: EntityGroup, listing?: EntityListing): Promise<Page<Entity>>;
  /** The kinds of which there are entities under an owner itself, in order. */
  listEntityKinds(owner: EntityOwner): Promise<readonly string[]>;
  /**
   * All of the changes or none.
   * @throws ConcurrentModificationException when one is not at its `ifVersion`; EntityNotFoundException for an owner
   * that is not there. Deleting what is not there is no error.
   */
  changeEntities(changes: readonly EntityChange[]): Promise<void>;
}
