import { bookmarkKeys } from "./bookmark-keys.js";

bookmarkKeys("mysql");
