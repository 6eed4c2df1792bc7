import { brokenWorld } from "./broken-world.js";

brokenWorld("mysql");
