// MariaDB for the tests, which start a server of their own from its binaries.
import { findProgram, installPackages } from "./apt-package.mjs";

const find = () => findProgram("mariadbd", ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"]);

export const mariadb = {
  name: "mariadb",
  provide() {
    const found = find();
    if (found !== undefined) return `${found} is there`;
    installPackages(["mariadb-server"], "the tests of MySQL and MariaDB");
    return `installed ${find()}`;
  },
};
