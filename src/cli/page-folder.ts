import { join } from "node:path";

/** Where the build of the package puts the playground. The bundle lies as deep as the sources. */
export const pageFolder = join(import.meta.dirname, "../../dist/playground");
