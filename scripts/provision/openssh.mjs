// The ssh client, with which the tests enter development endpoints.
import { findProgram, installPackages } from "./apt-package.mjs";

const find = () => findProgram("ssh", ["/usr/bin"]);

export const openssh = {
  name: "openssh",
  provide() {
    const found = find();
    if (found !== undefined) return `${found} is there`;
    installPackages(["openssh-client"], "the tests of development endpoints");
    return `installed ${find()}`;
  },
};
