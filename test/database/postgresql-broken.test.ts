import { brokenWorld } from "./broken-world.js";

brokenWorld("postgresql");
