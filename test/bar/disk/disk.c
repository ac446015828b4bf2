// Stands between a process and its disk, loaded with LD_PRELOAD: notes what is done to the files of one folder (DISK_FOLDER) in DISK_LOG,
// and fails, fills up or kills the process where the test says so in the words of DISK_CONTROL, which both have mapped.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Must match disk.ts.
enum { OPEN = 1, WRITE, TRUNCATE, SYNC, UNLINK };
struct control {
  int64_t calls;    // counted since the test last set it to 0
  int64_t fail_at;  // the first call that fails; 0 for none
  int64_t fail_for; // how many calls from there fail
  int64_t error;    // with this errno
  int64_t only;     // count only calls of this kind; 0 for all
  int64_t full;     // every write ends with ENOSPC while this is 1
  int64_t kill_at;  // the process dies in this call
};
struct note { int32_t op, failed; int64_t offset, length, path; };

#define MOST 4096
static char *paths[MOST];
static const char *folder;
static int notes = -1;
static struct control *control;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define REAL(name, type, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

static ssize_t plainly(int fd, const void *from, size_t length, off_t offset) {
  static ssize_t (*at)(int, const void *, size_t, off_t), (*on)(int, const void *, size_t);
  if (!at) at = dlsym(RTLD_NEXT, "pwrite64"), on = dlsym(RTLD_NEXT, "write");
  return offset < 0 ? on(fd, from, length) : at(fd, from, length, offset);
}

__attribute__((constructor)) static void begin(void) {
  folder = getenv("DISK_FOLDER");
  const char *log = getenv("DISK_LOG"), *words = getenv("DISK_CONTROL");
  if (!folder || !words) return;
  if (log) notes = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);
  int fd = open(words, O_RDWR | O_CLOEXEC);
  void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) abort();
  control = at;
}

static const char *inside(const char *path) {
  size_t length = folder && control ? strlen(folder) : 0;
  return length && strncmp(path, folder, length) == 0 ? path : NULL;
}
static const char *of(int fd) { return control && fd >= 0 && fd < MOST ? paths[fd] : NULL; }

static void note(int op, int failed, const char *path, int64_t offset, int64_t length, const void *data) {
  if (notes < 0) return;
  struct note head = {op, failed, offset, length, (int64_t)strlen(path)};
  plainly(notes, &head, sizeof head, -1);
  plainly(notes, path, head.path, -1);
  if (data) plainly(notes, data, length, -1);
}

enum verdict { FINE, FAILS, DIES };
static enum verdict judge(int op, const char *path) {
  // The test's own file: seen, but never in the way.
  size_t length = strlen(path);
  if (length > 6 && strcmp(path + length - 6, "/marks") == 0) return FINE;
  if (control->only && control->only != op) return FINE;
  int64_t now = ++control->calls;
  if (control->kill_at && now == control->kill_at) return DIES;
  return control->fail_at && now >= control->fail_at && now - control->fail_at < control->fail_for ? FAILS : FINE;
}

// Half of it may still arrive, whether the call fails or the process dies in it.
static ssize_t put(int fd, const void *from, size_t length, off_t offset) {
  const char *path = of(fd);
  if (!path) return plainly(fd, from, length, offset);
  pthread_mutex_lock(&lock);
  enum verdict is = judge(WRITE, path);
  off_t place = offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset;
  int error = is == FAILS ? (int)control->error : control->full ? ENOSPC : 0;
  size_t arrives = is == DIES || error ? (control->calls % 2 ? length / 2 : 0) : length;
  ssize_t done = arrives ? plainly(fd, from, arrives, offset) : 0;
  int failed = errno;
  if (done > 0) note(WRITE, 0, path, place, done, from);
  if (is == DIES) kill(getpid(), SIGKILL);
  pthread_mutex_unlock(&lock);
  // A disk that fills up takes the beginning; the rest is what fails.
  if (error == ENOSPC && done > 0) return done;
  errno = error ? error : failed;
  return error ? -1 : done;
}
ssize_t pwrite64(int fd, const void *from, size_t length, off_t offset) { return put(fd, from, length, offset); }
ssize_t pwrite(int fd, const void *from, size_t length, off_t offset) { return put(fd, from, length, offset); }
ssize_t write(int fd, const void *from, size_t length) { return put(fd, from, length, -1); }

// Everything else: done and noted, or failed, or the last thing this process did.
#define ACT(op, path, offset, call) \
  pthread_mutex_lock(&lock); \
  enum verdict is = judge(op, path); \
  if (is == DIES) kill(getpid(), SIGKILL); \
  int result = is == FAILS ? -1 : (call), error = is == FAILS ? (int)control->error : errno; \
  if (result >= 0 || is == FAILS) note(op, is == FAILS, path, offset, 0, NULL); \
  pthread_mutex_unlock(&lock); \
  errno = error;

static int cut(int fd, off_t length) {
  REAL(ftruncate64, int, int, off_t);
  const char *path = of(fd);
  if (!path) return real(fd, length);
  ACT(TRUNCATE, path, length, real(fd, length))
  return result;
}
int ftruncate64(int fd, off_t length) { return cut(fd, length); }
int ftruncate(int fd, off_t length) { return cut(fd, length); }

// The page cache is as good as the disk until the power fails, and the test builds what is left then: no real disk need be waited for.
static int settle(int fd, int (*real)(int)) {
  const char *path = of(fd);
  if (!path) return real(fd);
  ACT(SYNC, path, 0, 0)
  return result;
}
int fsync(int fd) { REAL(fsync, int, int); return settle(fd, real); }
int fdatasync(int fd) { REAL(fdatasync, int, int); return settle(fd, real); }

int unlink(const char *given) {
  REAL(unlink, int, const char *);
  const char *path = inside(given);
  if (!path) return real(given);
  ACT(UNLINK, path, 0, real(path))
  return result;
}

static int begun(const char *given, int flags, mode_t mode) {
  REAL(open64, int, const char *, int, mode_t);
  const char *path = inside(given);
  if (!path) return real(given, flags, mode);
  int fresh = (flags & O_CREAT) && access(path, F_OK) != 0;
  if (fresh && control->full) { errno = ENOSPC; return -1; }
  pthread_mutex_lock(&lock);
  enum verdict is = judge(OPEN, path);
  if (is == DIES) kill(getpid(), SIGKILL);
  int fd = is == FAILS ? -1 : real(path, flags, mode), error = is == FAILS ? (int)control->error : errno;
  if (fd >= 0 && fd < MOST) paths[fd] = strdup(path);
  if (fd >= 0 && fresh) note(OPEN, 0, path, 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  errno = error;
  return fd;
}
#define MODE mode_t mode = 0; if (flags & O_CREAT) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open64(const char *path, int flags, ...) { MODE return begun(path, flags, mode); }
int open(const char *path, int flags, ...) { MODE return begun(path, flags, mode); }

int close(int fd) {
  REAL(close, int, int);
  if (of(fd)) { free(paths[fd]); paths[fd] = NULL; }
  return real(fd);
}
