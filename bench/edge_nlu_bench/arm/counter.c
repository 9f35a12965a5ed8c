/* A plugin for qemu-aarch64 7.2 that counts instructions between marks.
 *
 * A mark is isatty(MARKS + n), an ioctl of a file that is not open: it fails and changes nothing. At each, one
 * line is written: n, and how many instructions were begun since the process started. Whole blocks are counted
 * when they are entered, so the count is exact as long as the guest has one thread.
 *
 * The few functions of qemu's plugin interface (version 1) that are used are declared here: Debian has no
 * package with their header.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define IOCTL 29 /* on aarch64 */
#define MARKS 0x0ED6E000u
#define MOST 0xFFFu
#define ADD_U64 0 /* the one operation that can be done inline */

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int op, void *to, uint64_t by);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*on)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_syscall_cb(plugin_id id,
    void (*on)(plugin_id, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
               uint64_t, uint64_t));

EXPORT int qemu_plugin_version = 1;

static uint64_t counted;
static FILE *out;

static void on_translated(plugin_id id, struct qemu_plugin_tb *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &counted, qemu_plugin_tb_n_insns(block));
}

static void on_syscall(plugin_id id, unsigned cpu, int64_t number, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h)
{
    (void)id, (void)cpu, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (number == IOCTL && ((uint32_t)a & ~MOST) == MARKS) {
        fprintf(out, "%u %" PRIu64 "\n", (uint32_t)a & MOST, counted);
        fflush(out); /* whoever kills the guest has what was counted so far */
    }
}

EXPORT int qemu_plugin_install(plugin_id id, const void *about, int count, char **options)
{
    (void)about;
    if (count != 1 || strncmp(options[0], "out=", 4) || !(out = fopen(options[0] + 4, "w"))) {
        fprintf(stderr, "counter: expected out=FILE, a file that can be written\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    return 0;
}
