import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
  hasDefinition,
} from "../../catalog/definitions/definition.js";
import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import { batchErrors } from "../batch-errors.js";
import { batchGot, listed, listedNames } from "../definition-operations.js";
import {
  checkJob,
  jobOf,
  type JobRecord,
  jobRef,
  type JobSettings,
  type NotificationProperty,
} from "../../job/definition/job-record.js";
import { type JobRun, runRef } from "../../job/run/run-record.js";
import { startRun, stopRun } from "../../job/run/start-run.js";
import { storeOf } from "../job-state-operations.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { type Paged, pageOf } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type ByJob = { readonly JobName: string };
type StartJobRun = ByJob & {
  readonly JobRunId?: string;
  readonly Arguments?: { readonly [name: string]: string };
  readonly Timeout?: number;
  readonly NotificationProperty?: NotificationProperty;
};

export const jobOperations = {
  CreateJob: operation(
    async ({ Name, Tags, ...settings }: JobSettings & { readonly Name: string; readonly Tags?: Tags }, context) => {
      checkJob(settings);
      const record: JobRecord = { settings, active: [] };
      await createDefinition(context.catalog, jobRef(Name), record);
      await putTags(context, arnOf(context, "job", Name), Tags);
      return { Name };
    },
  ),
  GetJob: operation(async ({ JobName }: ByJob, { catalog }) => ({
    Job: jobOf(await getDefinition<JobRecord>(catalog, jobRef(JobName))),
  })),
  GetJobs: operation(async (input: Paged, context) => listed<JobRecord>(context, "job", input, "Jobs", jobOf)),
  BatchGetJobs: operation(async ({ JobNames }: { JobNames: readonly string[] }, context) =>
    batchGot<JobRecord>(context, "job", JobNames, "Jobs", "JobsNotFound", jobOf),
  ),
  ListJobs: operation(async (input: Paged & { Tags?: Tags }, context) =>
    listedNames(context, "job", "job", input, "JobNames"),
  ),
  // the new definition takes the place of the whole one before
  UpdateJob: operation(
    async ({ JobName, JobUpdate: settings }: ByJob & { readonly JobUpdate: JobSettings }, { catalog }) => {
      await changeDefinition<JobRecord>(catalog, jobRef(JobName), (doc) => {
        const next = {
          ...settings,
          Role: settings.Role ?? doc.settings.Role ?? "",
          Command: settings.Command ?? doc.settings.Command ?? {},
        };
        checkJob(next);
        return { ...doc, settings: next };
      });
      return { JobName };
    },
  ),
  DeleteJob: operation(async ({ JobName }: ByJob, context) => {
    // a job that is not there is no error (AWS Glue API, DeleteJob)
    if (await hasDefinition(context.catalog, jobRef(JobName))) await deleteDefinition(context.catalog, jobRef(JobName));
    await dropTags(context, arnOf(context, "job", JobName));
    return { JobName };
  }),
  GetJobBookmark: operation(async (input: ByJob, { catalog }) => {
    refuseMembers(input, "RunId");
    const entry = await storeOf(catalog).getBookmark(input.JobName);
    if (entry === undefined)
      throw entityNotFound(`There is no bookmark of job ${input.JobName}`, { path: input.JobName });
    return { JobBookmarkEntry: entry };
  }),
  ResetJobBookmark: operation(async ({ JobName, RunId }: ByJob & { readonly RunId?: string }, { catalog }) => ({
    JobBookmarkEntry: await storeOf(catalog).resetBookmark(JobName, RunId),
  })),
  StartJobRun: operation(
    async ({ JobName, JobRunId, Arguments, Timeout, NotificationProperty: notification }: StartJobRun, context) => {
      const options = {
        ...(Arguments === undefined ? {} : { Arguments }),
        ...(Timeout === undefined ? {} : { Timeout }),
        ...(notification === undefined ? {} : { NotificationProperty: notification }),
      };
      if (JobRunId === undefined) return { JobRunId: await startRun(context, JobName, options) };
      const { doc } = await getDefinition<JobRun>(context.catalog, runRef(JobName, JobRunId));
      return {
        JobRunId: await startRun(context, JobName, { Arguments: doc.Arguments, ...options, previousRunId: JobRunId }),
      };
    },
  ),
  GetJobRun: operation(async ({ JobName, RunId }: ByJob & { readonly RunId: string }, { catalog }) => ({
    JobRun: (await getDefinition<JobRun>(catalog, runRef(JobName, RunId))).doc,
  })),
  GetJobRuns: operation(async (input: ByJob & Paged, { catalog }) => {
    await getDefinition(catalog, jobRef(input.JobName));
    const { items, nextToken } = await catalog.listEntities(
      { kind: "job-run", scope: input.JobName },
      { ...pageOf(input, 200), newestFirst: true },
    );
    return { JobRuns: items.map(({ doc }) => doc), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  }),
  BatchStopJobRun: operation(
    async ({ JobName, JobRunIds }: ByJob & { readonly JobRunIds: readonly string[] }, context) => {
      await getDefinition(context.catalog, jobRef(JobName));
      if (new Set(JobRunIds).size < JobRunIds.length)
        throw invalidInput("JobRunIds must name each run once", { path: "JobRunIds" });
      const stopped: object[] = [];
      const answer = await batchErrors(
        JobRunIds,
        async (JobRunId) => {
          await stopRun(context, JobName, JobRunId);
          stopped.push({ JobName, JobRunId });
        },
        (JobRunId, ErrorDetail) => ({ JobName, JobRunId, ErrorDetail }),
      );
      return { ...answer, SuccessfulSubmissions: stopped };
    },
  ),
} satisfies OperationTable;
