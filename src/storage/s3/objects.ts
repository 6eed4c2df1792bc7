/** What is done with objects, and the SDK's client: loaded when a bucket is first touched. */
export { openS3Session } from "./client.js";
export { isObjectFolder, listObjects, statObject } from "./list-objects.js";
export { openObject } from "./read-object.js";
export { createObject, publishObject, removeObject } from "./write-object.js";
