/**
 * Operations of dynaframe's own beside Glue's, sent as `X-Amz-Target: Dynaframe.<name>`: what the two ends of the wire
 * agree on.
 */
import type { FileLedger, Ledger } from "../../shapes/ledger.js";
import type { Entity, EntityChange, EntityGroup, EntityListing, EntityOwner, EntityRef } from "../entity.js";
import type {
  HistoryRange,
  LedgerKey,
  PastLedgerKey,
  SchemaChangeEntry,
  SchemaHistoryEntry,
  TableChange,
} from "../index.js";
import type { Page } from "../model.js";
import type { JobStateOperations } from "./job-state-wire.js";

type InTable = { readonly DatabaseName: string; readonly TableName: string };

export type OwnOperations = JobStateOperations & {
  readonly ApplyTableChanges: {
    readonly input: { readonly Changes: readonly TableChange[] };
    readonly output: Record<string, never>;
  };
  readonly GetLedger: { readonly input: InTable; readonly output: { readonly Ledger?: Ledger } };
  readonly GetLedgerKeys: { readonly input: InTable; readonly output: { readonly Keys: readonly LedgerKey[] } };
  readonly GetFileLedgers: {
    readonly input: InTable & { readonly Files: readonly string[] };
    readonly output: { readonly Ledgers: readonly FileLedger[] };
  };
  readonly GetLedgerKeysAt: {
    readonly input: InTable & { readonly VersionId: string };
    readonly output: { readonly Keys: readonly PastLedgerKey[] };
  };
  readonly GetSchemaHistory: {
    readonly input: InTable & { readonly Range?: HistoryRange };
    readonly output: { readonly History: readonly SchemaHistoryEntry[] };
  };
  readonly GetSchemaChanges: {
    readonly input: InTable;
    readonly output: { readonly Changes: readonly SchemaChangeEntry[] };
  };
  readonly GetEntity: { readonly input: { readonly Ref: EntityRef }; readonly output: { readonly Entity?: Entity } };
  readonly ListEntities: {
    readonly input: { readonly Group: EntityGroup; readonly Listing?: EntityListing };
    readonly output: { readonly Page: Page<Entity> };
  };
  readonly ListEntityKinds: {
    readonly input: { readonly Owner: EntityOwner };
    readonly output: { readonly Kinds: readonly string[] };
  };
  readonly ChangeEntities: {
    readonly input: { readonly Changes: readonly EntityChange[] };
    readonly output: Record<string, never>;
  };
};

export type OwnOperation = keyof OwnOperations;
