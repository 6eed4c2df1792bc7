/**
 * Linux namespaces of its own for a process, by util-linux's `unshare`, which needs no privilege where the kernel lets
 * users have them (user_namespaces(7), mount_namespaces(7)). Two are nested: the outer one covers what is to be hidden;
 * for the inner one the kernel locks these mounts, so that nobody in it can take them away, and processes outside of it
 * are closed to it (ptrace(2), "Ptrace access mode checking").
 */

export type Isolation = {
  /** The folder that is not to be seen. In its place lies `own`, which the process may write into. */
  readonly folder: string;
  readonly own: string;
  /** Files and folders that are empty for it. */
  readonly hidden: readonly string[];
};

/**
 * Runs as root of the outer namespace; its words are own, how many paths follow, the folder, the hidden paths, and the
 * command.
 * - /dev has neither disks, on which the key lies too, nor terminals of others; /run has no socket by which a service
 *   would do it the favour of reading the key (Docker, systemd, D-Bus), but the names of hosts are still found.
 * - What the system's root may write by its mode alone, /proc/sys and /sys, is read-only: a core_pattern is a program
 *   that runs outside.
 * - The working folder is entered anew, since one that was entered before shows what lay there before.
 */
const COVER = `set -e
cwd=$(pwd -P)
cd /
own=$1 count=$2
shift 2
mount --bind "$own" "$1"
shift
while [ "$count" -gt 1 ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o ro dynaframe "$1"; else mount --bind /dev/null "$1"; fi
  count=$((count - 1)); shift
done
resolver=$(readlink -f /etc/resolv.conf || true)
exec 8</dev 9</run
mount -t tmpfs -o mode=755,nosuid,noexec dynaframe /dev
for name in null zero random urandom; do : > /dev/$name; mount -c --bind /proc/self/fd/8/$name /dev/$name; done
mkdir -m 755 /dev/pts
mkdir -m 1777 /dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 dynaframe /dev/pts
ln -s pts/ptmx /dev/ptmx; ln -s /proc/self/fd /dev/fd; ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr
mount -t tmpfs -o mode=755,nosuid,nodev dynaframe /run
case $resolver in /run/*)
  mkdir -p "$(dirname "$resolver")"; : > "$resolver"
  mount -c --bind "/proc/self/fd/9/\${resolver#/run/}" "$resolver" ;;
esac
exec 8<&- 9<&-
read -r _ outside _ < /proc/self/uid_map
if [ "$outside" = 0 ]; then
  mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys
  [ ! -e /proc/sysrq-trigger ] || mount --bind /dev/null /proc/sysrq-trigger
  while read -r _ _ _ _ point _; do case $point in /sys|/sys/*) mount -o remount,bind,ro "$point" ;; esac; done < /proc/self/mountinfo
fi
cd "$cwd" 2>/dev/null || cd /
exec unshare --user --map-root-user --mount -- "$@"`;

/**
 * The process that waits outside for the inner one takes no notice of signals to both; when it ends, so does the inner
 * one, and all that that started.
 */
const ENTER =
  'trap \'\' INT TERM; exec unshare --user --map-root-user --mount --pid --fork --kill-child --mount-proc -- sh -c "$0" "$@"';

/**
 * These words start the command in namespaces of its own. It is process 1 there, and of uid 0, which is the user that
 * it is outside.
 */
export const isolated = (
  words: readonly string[],
  { folder, own, hidden }: Isolation,
): readonly [program: string, ...args: readonly string[]] => [
  "sh",
  "-c",
  ENTER,
  COVER,
  "dynaframe",
  own,
  String(hidden.length + 1),
  folder,
  ...hidden,
  ...words,
];
