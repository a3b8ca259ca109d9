/*
 * Stands between a relay and its disk (LD_PRELOAD). Everything it does to the files of POWER_DIR goes to POWER_JOURNAL
 * in the order it happens, together with what it says on its sockets, so that a power cut can be played at any moment
 * between two of them. The first byte of POWER_FAULT, while the relay runs, makes the disk fail: see `enum fault`.
 *
 * A record: operation (u32), file (u32), offset (u64), length of data (u64), data; little-endian as on every host of ours.
 * A file's number is that of its open file description, given anew by each OPEN, whose data is the path.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum operation { OPEN = 1, WRITE, TRUNCATE, SYNC_BEGUN, SYNC_DONE, UNLINK, RENAME, SAID };
enum fault { NONE = 0, FULL = 1, READ_ONLY = 2, SYNC_FAILS = 3 };

struct header { uint32_t operation, file; uint64_t offset, length; };

#define MOST 65536
static uint32_t number_of[MOST];
static uint32_t last_number;
static int journal = -1;
static char dir[PATH_MAX];
static volatile unsigned char *fault_byte;
static long sync_delay;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    long done = syscall(SYS_write, journal, at, length);
    if (done < 0) { if (errno == EINTR) continue; abort(); }
    at += done;
    length -= done;
  }
}

/* The caller holds the lock. */
static void note(struct header header, const void *data) {
  int saved = errno;
  put(&header, sizeof header);
  if (header.length) put(data, header.length);
  errno = saved;
}

static void locked_note(struct header header, const void *data) {
  pthread_mutex_lock(&lock);
  note(header, data);
  pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("POWER_JOURNAL"), *under = getenv("POWER_DIR"), *fault = getenv("POWER_FAULT");
  const char *delay = getenv("POWER_SYNC_MICROSECONDS");
  if (!under || !realpath(under, dir)) return;
  if (delay) sync_delay = atol(delay);
  if (path) journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fault) {
    int fd = syscall(SYS_openat, AT_FDCWD, fault, O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) fault_byte = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
    if (fault_byte == MAP_FAILED) fault_byte = NULL;
  }
}

static enum fault fault_now(void) { return fault_byte ? *fault_byte : NONE; }

static uint32_t number(int fd) { return fd >= 0 && fd < MOST ? number_of[fd] : 0; }

static int is_ours(const char *path) {
  size_t length = strlen(dir);
  return length > 0 && strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int opened(int fd, const char *path, int flags) {
  if (fd < 0 || fd >= MOST || !is_ours(path)) return fd;
  pthread_mutex_lock(&lock);
  number_of[fd] = getpid() * 4096u + ++last_number;
  if (journal >= 0) note((struct header){OPEN, number_of[fd], flags & O_TRUNC ? 1 : 0, strlen(path)}, path);
  pthread_mutex_unlock(&lock);
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

static int refuses(const char *path, int flags) {
  if (fault_now() != READ_ONLY || (flags & O_ACCMODE) == O_RDONLY || !is_ours(path)) return 0;
  errno = EROFS;
  return 1;
}

int open(const char *path, int flags, ...) {
  MODE(flags);
  if (refuses(path, flags)) return -1;
  return opened(syscall(SYS_openat, AT_FDCWD, path, flags, mode), path, flags);
}
int open64(const char *path, int flags, ...) {
  MODE(flags);
  if (refuses(path, flags)) return -1;
  return opened(syscall(SYS_openat, AT_FDCWD, path, flags, mode), path, flags);
}
int openat(int at, const char *path, int flags, ...) {
  MODE(flags);
  if (refuses(path, flags)) return -1;
  return opened(syscall(SYS_openat, at, path, flags, mode), path, flags);
}

int close(int fd) {
  if (number(fd)) number_of[fd] = 0;
  return syscall(SYS_close, fd);
}

/* What a write may not do while the disk fails; 0 when it may. */
static int failure(int fd, off_t end) {
  struct stat now;
  enum fault fault = fault_now();
  if (fault == READ_ONLY) return EROFS;
  if (fault == FULL && (fstat(fd, &now) != 0 || end > now.st_size)) return ENOSPC;
  return 0;
}

static ssize_t written(int fd, const void *data, size_t length, off_t offset) {
  int wrong = failure(fd, offset + length);
  if (wrong) { errno = wrong; return -1; }
  pthread_mutex_lock(&lock);
  ssize_t done = syscall(SYS_pwrite64, fd, data, length, offset);
  if (done > 0 && journal >= 0) note((struct header){WRITE, number(fd), offset, done}, data);
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  return number(fd) ? written(fd, data, length, offset) : syscall(SYS_pwrite64, fd, data, length, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) {
  return number(fd) ? written(fd, data, length, offset) : syscall(SYS_pwrite64, fd, data, length, offset);
}

static int is_socket(int fd) {
  struct stat kind;
  return fd > 2 && fstat(fd, &kind) == 0 && S_ISSOCK(kind.st_mode);
}

/* Noted before it is said: whoever heard it heard it later. */
static void says(int fd, const struct iovec *parts, size_t count) {
  if (journal < 0 || !is_socket(fd)) return;
  pthread_mutex_lock(&lock);
  for (size_t at = 0; at < count; at++)
    if (parts[at].iov_len) note((struct header){SAID, fd, 0, parts[at].iov_len}, parts[at].iov_base);
  pthread_mutex_unlock(&lock);
}

ssize_t write(int fd, const void *data, size_t length) {
  if (number(fd)) {
    off_t at = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t done = written(fd, data, length, at);
    if (done > 0) lseek(fd, at + done, SEEK_SET);
    return done;
  }
  says(fd, &(struct iovec){(void *)data, length}, 1);
  return syscall(SYS_write, fd, data, length);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  says(fd, parts, count);
  return syscall(SYS_writev, fd, parts, count);
}
ssize_t send(int fd, const void *data, size_t length, int flags) {
  says(fd, &(struct iovec){(void *)data, length}, 1);
  return syscall(SYS_sendto, fd, data, length, flags, NULL, 0);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  says(fd, message->msg_iov, message->msg_iovlen);
  return syscall(SYS_sendmsg, fd, message, flags);
}

static int truncated(int fd, off_t length) {
  if (!number(fd)) return syscall(SYS_ftruncate, fd, length);
  int wrong = failure(fd, length);
  if (wrong) { errno = wrong; return -1; }
  pthread_mutex_lock(&lock);
  int result = syscall(SYS_ftruncate, fd, length);
  if (result == 0 && journal >= 0) note((struct header){TRUNCATE, number(fd), length, 0}, NULL);
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int fd, off_t length) { return truncated(fd, length); }
int ftruncate64(int fd, off_t length) { return truncated(fd, length); }

/* With a journal the disk is played, so nothing has to reach the real one; it only takes its time. */
static int synced(int fd, long call) {
  if (!number(fd)) return syscall(call, fd);
  if (fault_now() == SYNC_FAILS) { errno = EIO; return -1; }
  if (journal < 0) return syscall(call, fd);
  uint32_t file = number(fd);
  locked_note((struct header){SYNC_BEGUN, file, 0, 0}, NULL);
  if (sync_delay) nanosleep(&(struct timespec){0, sync_delay * 1000}, NULL);
  locked_note((struct header){SYNC_DONE, file, 0, 0}, NULL);
  return 0;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0 && journal >= 0 && is_ours(path)) note((struct header){UNLINK, 0, 0, strlen(path)}, path);
  pthread_mutex_unlock(&lock);
  return result;
}

int rename(const char *from, const char *to) {
  char both[2 * PATH_MAX];
  pthread_mutex_lock(&lock);
  int result = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  size_t first = strlen(from) + 1, second = strlen(to);
  if (result == 0 && journal >= 0 && is_ours(to) && first + second < sizeof both) {
    memcpy(both, from, first);
    memcpy(both + first, to, second);
    note((struct header){RENAME, 0, 0, first + second}, both);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
