export { loadOptional } from "../../types/load-optional.js";
