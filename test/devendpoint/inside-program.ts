/** The inside of an endpoint with something to find. */
import { serveInside } from "../../src/devendpoint/inside-process.js";

void serveInside({ names: { answer: 42 } }).then(() => {
  process.exit(0);
});
