// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perffold: folds the samples of `perf record` on QEMU into a table of threads
 * by layer: who burned the time, guest code, KVM, dispatch, the big lock, our
 * device, its generator, DMA.
 *
 * A sample is its call chain. The chain is walked from the leaf to the root,
 * and the first frame that has a rule names the layer: memcpy has none, so it
 * counts for whoever called it. All rules are in one table below.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "out.h"
#include "thread.h"
#include "tsv.h"

/* Further frames are not looked at: far above what a thread of QEMU has */
#define FRAMES_MAX 512

static const char help[] =
	"Reads what `perf script --no-inline --guest-code -F "
	"comm,pid,tid,event,ip,sym,dso`\n"
	"prints about one QEMU process; writes samples by thread and layer, as "
	"TSV.\n"
	"Threads: vcpu, main, iothread, worker, other. They are told apart by "
	"their\n"
	"names (-name NAME,debug-threads=on), vCPUs also by what they run.";

/* ---- layers ---- */

/* In the order of the table, from the guest outwards. CALLER is none of them */
enum layer {
	GUEST,
	KVM,
	TCG,
	DISPATCH,
	BQL,
	DEVICE,
	GENERATOR,
	DMA,
	POLL,
	KERNEL,
	OTHER,
	LAYERS,
	CALLER = LAYERS, /* goes on beyond the kernel: the caller's own time */
};

static const char *const layer_names[LAYERS] = {
	[GUEST] = "guest",         [KVM] = "kvm",     [TCG] = "tcg",
	[DISPATCH] = "dispatch",   [BQL] = "bql",     [DEVICE] = "device",
	[GENERATOR] = "generator", [DMA] = "dma",     [POLL] = "poll",
	[KERNEL] = "kernel",       [OTHER] = "other",
};

/* Where a frame's code is */
enum space {
	USER,    /* a program or library */
	GUESTOS, /* the guest under KVM, sampled in guest mode */
	JIT,     /* code that TCG made of the guest's */
	HOST,    /* the host's kernel */
};

/**
 * struct rule - gives frames to a layer
 * @layer: the layer, or CALLER
 * @space: where the frame is
 * @leaf: only where the sample itself fell, not for its callers
 * @symbols: globs of function names, between blanks; compiler suffixes such as
 *	     ".isra.0" and versions such as "@@GLIBC_2.2.5" are cut off before
 * @caller: globs its caller must match too; NULL: any caller
 */
struct rule {
	enum layer layer;
	enum space space;
	bool leaf;
	const char *symbols;
	const char *caller;
};

/*
 * The first row that fits a frame counts. Functions that several layers use
 * (flatview_translate, malloc, memcpy, pthread_mutex_lock) have no row: their
 * callers decide. A kernel frame without a row is KERNEL if no other frame of
 * the kernel has one. Static functions of ours are named in full; no other
 * function of QEMU 7.2 bears these names.
 */
static const struct rule rules[] = {
	/* What the guest itself runs; a helper called from there is TCG's */
	{ GUEST, GUESTOS, false, "*", NULL },
	{ GUEST, JIT, true, "*", NULL },
	{ TCG, JIT, false, "*", NULL },

	/* A wait for a lock is the lock's, or whatever waited's */
	{ CALLER, HOST, false, "*_sys_futex do_futex", NULL },
	/* Its roots: a host that is a guest itself has other kvm_* functions */
	{ KVM, HOST, false,
	  "kvm_vcpu_* kvm_vm_* kvm_dev_* kvm_arch_* kvm_mmu_notifier_* "
	  "irqfd_* ioeventfd_*",
	  NULL },

	/* Unlocking ends in a tail call, which hides its function */
	{ BQL, USER, false,
	  "qemu_mutex_lock_iothread* qemu_mutex_unlock_iothread "
	  "qemu_mutex_iothread_locked get_iothread_locked "
	  "set_iothread_locked bql_* prepare_mmio_access",
	  NULL },
	{ BQL, USER, false,
	  "qemu_mutex_unlock_impl _nocheck__trace_qemu_mutex_unlock",
	  "io_* int_ld_mmio* int_st_mmio* do_ld_mmio* do_st_mmio* full_* "
	  "address_space_* flatview_* *cpu_exec cpu_handle_* "
	  "*_cpu_thread_fn main_loop_wait os_host_main_loop_wait helper_*" },

	/* device/gen_*.c */
	{ GENERATOR, USER, false,
	  "glibc_* xoshiro_* pcg64_* mt19937_* chacha20_* x8_* host_fill "
	  "vectors vectors_* words",
	  NULL },

	/* device/ram.c, dma_transfer.c, variant_dma.c; dma_write is the register
	 * write, see below */
	{ DMA, USER, false,
	  "my_rng_ram_* dma_map dma_map_range dma_map_table dma_map_target "
	  "dma_read_table dma_unmap dma_map_record dma_write_record "
	  "dma_memory_map dma_memory_unmap dma_memory_rw* "
	  "address_space_map address_space_unmap invalidate_and_set_dirty "
	  "memory_region_from_host qemu_ram_block_from_host "
	  "stream_words_unaligned qemu_iovec_*",
	  NULL },

	/* device/regs.c, instruments.c, stream.c, variant_*.c */
	{ DEVICE, USER, false,
	  "my_rng_* mmio_read mmio_write reg_read reg_write admin_read "
	  "odd_size_read fifo_pop fifo_top_up fifo_read pio_read pio_write "
	  "rng64_read rng64_read64 dma_read dma_write dma_doorbell "
	  "dma_request dma_transfer dma_fill stream_words give_tail "
	  "wide_read admin_read64 variant_read variant_write find_cell "
	  "constant_read constant_reg_read "
	  "_nocheck__trace_my_rng_*",
	  NULL },

	/* From the emulated access to the device's callback and back */
	{ DISPATCH, USER, false,
	  "io_readx io_writex io_prepare int_ld_mmio* int_st_mmio* "
	  "do_ld_mmio* do_st_mmio* iotlb_to_section "
	  "access_with_adjusted_size adjust_endianness memory_region_* "
	  "_nocheck__trace_memory_region_* memory_ld* memory_st* "
	  "address_space_ld* address_space_st* address_space_rw "
	  "address_space_read* address_space_write* flatview_read* "
	  "flatview_write* subpage_read subpage_write cpu_in* cpu_out* "
	  "kvm_handle_io msi_* stl_le_phys",
	  NULL },
	/* QEMU's side of KVM, between two KVM_RUNs */
	{ DISPATCH, USER, false,
	  "kvm_cpu_exec kvm_vcpu_ioctl kvm_vcpu_thread_fn "
	  "kvm_arch_pre_run kvm_arch_post_run",
	  NULL },
	/* What an access calls that is not ours: another device */
	{ OTHER, USER, false, "*",
	  "memory_region_*_accessor memory_region_dispatch_*" },

	/* The emulated CPU: helpers, its TLB, translation, its loop */
	{ TCG, USER, false,
	  "helper_* full_*_mmu tlb_* probe_access* get_page_addr_code* "
	  "mmu_translate x86_cpu_* store_helper load_helper "
	  "cpu_ld*_mmu* cpu_st*_mmu* cpu_exec* cpu_tb_exec tb_* tcg_* "
	  "gen_* disas_insn* translator_* x86_tr_* do_interrupt* qht_* "
	  "mttcg_cpu_thread_fn rr_cpu_thread_fn",
	  NULL },

	/* Waiting for events and running what they ask for */
	{ POLL, USER, false,
	  "main_loop_wait qemu_main_loop os_host_main_loop_wait qemu_poll_ns "
	  "g_main_context_* g_main_loop_run ppoll poll aio_* fdmon_* "
	  "timerlist_* qemu_clock_run_* qemu_clock_deadline_* "
	  "iothread_run call_rcu_thread",
	  NULL },
};

/* A set of rules is a bit mask; its last bit: only a vCPU runs this */
#define VCPU_BIT 63
G_STATIC_ASSERT(G_N_ELEMENTS(rules) <= VCPU_BIT);

/* Names of files that tell where code is; any other is USER */
static const struct {
	const char *dso;
	enum space space;
} spaces[] = {
	{ "/tmp/perf-*.map", JIT },
	{ "[JIT]*", JIT },
	{ "//anon*", JIT },
	{ "*memfd:tcg-jit*", JIT },
	{ "[guest.*", GUESTOS },
	{ "[vdso]", USER },
	{ "[vsyscall]", USER },
	{ "[unknown]", USER },
	{ "[*", HOST },
	{ "*/vmlinux*", HOST },
	{ "*.ko", HOST },
	{ "*.ko.xz", HOST },
};

/* ---- threads ---- */

/* What only a vCPU's thread runs, for threads without a name */
static const char vcpu_marks[] = "*_cpu_thread_fn kvm_vcpu_thread_fn "
				 "kvm_cpu_exec kvm_vcpu_ioctl";

/**
 * struct thread - what one thread was seen doing
 * @tid: its id
 * @comm: its name, as of its first sample
 * @leader: the process's first thread
 * @runs_guest: seen in code that only a vCPU has
 * @samples: by enum layer
 */
struct thread {
	int tid;
	char *comm;
	bool leader;
	bool runs_guest;
	uint64_t samples[LAYERS];
};

/**
 * struct frame - one function in a call chain
 * @name: its symbol without suffixes, interned
 * @space: where it is
 * @rows: bit n: its name fits row n of rules[]; and VCPU_BIT
 */
struct frame {
	const char *name;
	enum space space;
	uint64_t rows;
};

struct fold {
	GHashTable *threads; /* by tid */
	GHashTable *rows;    /* name and space to mask of rules */
	GHashTable *stacks;  /* folded chain to number of samples */
	GHashTable *symbols; /* "class layer leaf" to number of samples */
	char *event;         /* NULL until the first sample */
	uint64_t samples;
	uint64_t line;
	struct thread *thread; /* of the sample being read, NULL between two */
	struct frame frames[FRAMES_MAX];
	size_t depth;
};

/* Whether @name fits one of the globs, which have blanks between them */
static bool fits(const char *globs, const char *name)
{
	char **glob = g_strsplit(globs, " ", -1);
	bool found = false;

	for (char **g = glob; *g && !found; g++)
		found = g_pattern_match_simple(*g, name);
	g_strfreev(glob);
	return found;
}

static const char *class_name(const struct thread *t)
{
	return thread_class_names[thread_class(t->comm, t->leader,
					       t->runs_guest)];
}

/* ---- one sample ---- */

/* The rows of rules[] by space and name alone; looked up once per name */
static uint64_t rows_for(struct fold *f, enum space space, const char *name)
{
	char *key = g_strdup_printf("%d%s", space, name);
	uint64_t *mask = g_hash_table_lookup(f->rows, key);

	if (mask) {
		g_free(key);
		return *mask;
	}
	mask = g_new0(uint64_t, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i].space == space && fits(rules[i].symbols, name))
			*mask |= UINT64_C(1) << i;
	if (space == JIT || space == GUESTOS || fits(vcpu_marks, name))
		*mask |= UINT64_C(1) << VCPU_BIT;
	g_hash_table_insert(f->rows, key, mask);
	return *mask;
}

/* The first rule for frame @i of the sample, or NULL */
static const struct rule *rule_for(const struct fold *f, size_t i)
{
	const char *caller = i + 1 < f->depth ? f->frames[i + 1].name : "";

	uint64_t left = f->frames[i].rows & ~(UINT64_C(1) << VCPU_BIT);

	for (; left; left &= left - 1) {
		const struct rule *r = &rules[__builtin_ctzll(left)];

		if (r->leaf && i)
			continue;
		if (!r->caller || fits(r->caller, caller))
			return r;
	}
	return NULL;
}

static enum layer layer_of(const struct fold *f)
{
	bool passed_on = false; /* the kernel works for its caller */
	size_t i;

	for (i = 0; i < f->depth; i++) {
		const struct rule *r;

		if (i && f->frames[i - 1].space == HOST &&
		    f->frames[i].space != HOST && !passed_on)
			return KERNEL;
		r = rule_for(f, i);
		if (r && r->layer != CALLER)
			return r->layer;
		passed_on |= r != NULL;
	}
	return i && f->frames[i - 1].space == HOST ? KERNEL : OTHER;
}

static void count(GHashTable *table, char *key)
{
	uint64_t *n = g_hash_table_lookup(table, key);

	if (n) {
		++*n;
		g_free(key);
		return;
	}
	n = g_new(uint64_t, 1);
	*n = 1;
	g_hash_table_insert(table, key, n);
}

/* As flamegraph.pl wants it: root first, "_[k]" on what is the kernel's */
static char *stack_text(const struct fold *f)
{
	static const char *const suffix[] = {
		[HOST] = "_[k]", [GUESTOS] = "_[g]"
	};
	GString *s = g_string_new(f->thread->comm);

	for (size_t i = f->depth; i-- > 0;) {
		enum space space = f->frames[i].space;

		g_string_append_printf(s, ";%s%s", f->frames[i].name,
				       space < G_N_ELEMENTS(suffix) &&
						       suffix[space]
					       ? suffix[space]
					       : "");
	}
	return g_string_free(s, FALSE);
}

static bool end_sample(struct fold *f, GError **err)
{
	struct thread *t = f->thread;
	enum layer layer;

	if (!f->depth)
		return complain_at(
			err, f->line,
			"a sample without an address; was the output "
			"of perf script cut?");
	layer = layer_of(f);
	for (size_t i = 0; i < f->depth; i++)
		t->runs_guest |= f->frames[i].rows >> VCPU_BIT;
	t->samples[layer]++;
	f->samples++;
	count(f->stacks, stack_text(f));
	count(f->symbols,
	      g_strdup_printf("%d\t%d\t%s", t->tid, layer, f->frames[0].name));
	f->thread = NULL;
	f->depth = 0;
	return true;
}

/* ---- the text of perf script ---- */

/* Cuts ".isra.0", ".part.1" and "@@GLIBC_2.2.5" off; "[unknown]" stays */
static const char *plain_name(char *symbol, enum space space)
{
	if (space == JIT)
		return "[guest code]";
	if (symbol[0] && symbol[0] != '[')
		symbol[1 + strcspn(symbol + 1, ".@+")] = '\0';
	return g_intern_string(symbol);
}

static enum space space_of(const char *dso, uint64_t ip)
{
	for (size_t i = 0; i < G_N_ELEMENTS(spaces); i++)
		if (g_pattern_match_simple(spaces[i].dso, dso))
			/* Half of all addresses is the kernel's */
			return spaces[i].space == USER && ip >> 63
				       ? HOST
				       : spaces[i].space;
	return USER;
}

static void push_frame(struct fold *f, enum space space, const char *name)
{
	if (f->depth < FRAMES_MAX)
		f->frames[f->depth++] = (struct frame){
			.name = name,
			.space = space,
			.rows = rows_for(f, space, name),
		};
}

/* "  7fe404eea644 symbol (file)", symbol and file with blanks at worst */
static bool frame_line(struct fold *f, char *line, GError **err)
{
	enum space space;
	char *end, *dso;
	uint64_t ip = strtoull(line, &end, 16);

	if (end == line || *end != ' ')
		return complain_at(err, f->line,
				   "'%.100s' is no frame of a call chain",
				   line);
	if (g_str_has_suffix(end, " (deleted))"))
		end[strlen(end) - strlen(" (deleted))")] = '\0';
	else if (g_str_has_suffix(end, ")"))
		end[strlen(end) - 1] = '\0';
	dso = g_strrstr(end, " (");
	if (!dso)
		return complain_at(err, f->line,
				   "'%.100s' names no file; is the field dso "
				   "missing?",
				   line);
	*dso = '\0';
	dso += 2;
	space = space_of(dso, ip);
	push_frame(f, space, plain_name(g_strstrip(end), space));
	return true;
}

/* "pid/tid" */
static bool parse_ids(const char *text, int *pid, int *tid)
{
	int used = 0;

	return sscanf(text, "%d/%d%n", pid, tid, &used) == 2 && !text[used];
}

static bool set_event(struct fold *f, const char *event, GError **err)
{
	if (!f->event)
		f->event = g_strdup(event);
	if (!strcmp(f->event, event))
		return true;
	return complain_at(err, f->line,
			   "samples of %s among those of %s; record one event",
			   event, f->event);
}

/*
 * Samples taken while a vCPU ran its guest, which `perf script --guest-code`
 * gives the name of the guest and the chain that entered it.
 */
static bool in_guest_mode(const char *comm)
{
	return g_str_has_prefix(comm, "[guest/");
}

static void set_thread(struct fold *f, int pid, int tid, const char *comm)
{
	struct thread *t =
		g_hash_table_lookup(f->threads, GINT_TO_POINTER(tid));

	if (!t) {
		t = g_new0(struct thread, 1);
		t->tid = tid;
		t->leader = pid == tid;
		g_hash_table_insert(f->threads, GINT_TO_POINTER(tid), t);
	}
	if (!t->comm || in_guest_mode(t->comm)) {
		g_free(t->comm);
		t->comm = g_strdup(comm);
		/* ';' is what flamegraph.pl cuts at */
		g_strdelimit(t->comm, ";\t", '_');
	}
	if (in_guest_mode(comm))
		push_frame(f, GUESTOS, "[guest code]");
	f->thread = t;
}

/* "comm pid/tid event: ", comm with blanks; a chain of one frame may follow */
static bool header_line(struct fold *f, char *line, GError **err)
{
	char **word = g_strsplit_set(line, " \t", -1);
	int n = g_strv_length(word), ids = -1, pid = 0, tid = 0;
	char *comm, *event, *rest;
	bool good;

	for (int i = 0; i < n && ids < 0; i++)
		if (i && parse_ids(word[i], &pid, &tid))
			ids = i;
	g_strfreev(word);
	if (ids < 0)
		return complain_at(
			err, f->line,
			"'%.100s' has no pid/tid; record one process "
			"and print -F comm,pid,tid,event,ip,sym,dso",
			line);
	for (rest = line; ids > 0; ids--)
		rest = strpbrk(rest, " \t") + 1;
	comm = g_strstrip(g_strndup(line, rest - line));
	rest += strcspn(rest, " \t");
	event = rest += strspn(rest, " \t");
	rest += strcspn(rest, " \t");
	if (*rest)
		*rest++ = '\0';
	good = g_str_has_suffix(event, ":");
	if (!good) {
		complain_at(err, f->line, "'%.100s' is no event", event);
	} else {
		event[strlen(event) - 1] = '\0';
		set_thread(f, pid, tid, comm);
		good = set_event(f, event, err);
	}
	g_free(comm);
	rest = g_strstrip(rest);
	return good && (!*rest || frame_line(f, rest, err));
}

static bool fold_line(struct fold *f, char *line, GError **err)
{
	size_t length = strlen(line);

	if (!length || line[length - 1] != '\n')
		return complain_at(err, f->line,
				   "ends in the middle: the output of "
				   "perf script was cut");
	g_strchomp(line);
	if (line[0] == '#')
		return true;
	if (!line[0])
		return !f->thread || end_sample(f, err);
	if (line[0] == ' ' || line[0] == '\t') {
		if (f->thread)
			return frame_line(f, g_strchug(line), err);
		return complain_at(err, f->line,
				   "a frame that belongs to no sample");
	}
	if (f->thread && !end_sample(f, err))
		return false;
	return header_line(f, line, err);
}

static bool fold_text(struct fold *f, FILE *in, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) >= 0) {
		f->line++;
		good = fold_line(f, line, err);
	}
	free(line);
	if (good && ferror(in))
		return complain_at(err, f->line, "cannot be read");
	if (good && f->thread)
		return complain_at(err, f->line,
				   "ends within a sample: the output of "
				   "perf script was cut");
	if (good && !f->samples)
		return complain_at(err, f->line,
				   "no sample at all; was the process "
				   "idle or the capture stopped at once?");
	return good;
}

/* ---- the tables ---- */

static void add_threads(const struct fold *f,
			uint64_t sum[THREAD_CLASSES][LAYERS])
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, f->threads);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct thread *t = value;

		for (int i = 0; i < LAYERS; i++)
			sum[thread_class(t->comm, t->leader, t->runs_guest)]
			   [i] += t->samples[i];
	}
}

static void print_layers(const struct fold *f, GString *out)
{
	uint64_t sum[THREAD_CLASSES][LAYERS] = { 0 };
	unsigned int rows = 0;

	add_threads(f, sum);
	g_string_append(out, "# exitcost perf 1\nevent\tthread\tlayer\tsamples"
			     "\tpct_thread\tpct_all\n");
	for (int c = 0; c < THREAD_CLASSES; c++) {
		uint64_t all = 0;

		for (int i = 0; i < LAYERS; i++)
			all += sum[c][i];
		for (int i = 0; i < LAYERS; i++) {
			if (!sum[c][i])
				continue;
			g_string_append_printf(
				out, "%s\t%s\t%s\t%" PRIu64 "\t%.2f\t%.2f\n",
				f->event, thread_class_names[c], layer_names[i],
				sum[c][i], 100.0 * sum[c][i] / all,
				100.0 * sum[c][i] / f->samples);
			rows++;
		}
	}
	g_string_append_printf(out, "# end %u\n", rows);
}

/* More samples first; the same number in the order of the alphabet */
static int compare_counts(const void *a, const void *b, void *table)
{
	const char *const *x = a, *const *y = b;
	const uint64_t *n = g_hash_table_lookup(table, *x);
	const uint64_t *m = g_hash_table_lookup(table, *y);

	return *n == *m ? strcmp(*x, *y) : *n < *m ? 1 : -1;
}

/* The keys of @table, ordered; to be freed with g_free() */
static char **ordered(GHashTable *table, guint *n)
{
	char **keys = (char **)g_hash_table_get_keys_as_array(table, n);

	g_qsort_with_data(keys, *n, sizeof(*keys), compare_counts, table);
	return keys;
}

static GHashTable *new_table(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* Threads of one class together: what kind a thread is shows at the end only */
static GHashTable *symbols_by_class(const struct fold *f)
{
	GHashTable *merged = new_table();
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, f->symbols);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		char **field = g_strsplit(key, "\t", 3);
		const struct thread *t = g_hash_table_lookup(
			f->threads, GINT_TO_POINTER(atoi(field[0])));
		char *name =
			g_strdup_printf("%s\t%s\t%s", class_name(t),
					layer_names[atoi(field[1])], field[2]);
		uint64_t *n = g_hash_table_lookup(merged, name);

		if (n) {
			*n += *(uint64_t *)value;
			g_free(name);
		} else {
			g_hash_table_insert(merged, name,
					    g_memdup2(value, sizeof(*n)));
		}
		g_strfreev(field);
	}
	return merged;
}

static void print_symbols(const struct fold *f, GString *out)
{
	GHashTable *table = symbols_by_class(f);
	guint rows;
	char **keys = ordered(table, &rows);

	g_string_append(out, "# exitcost perf-symbols 1\nevent\tthread\tlayer"
			     "\tsymbol\tsamples\tpct_all\n");
	for (guint i = 0; i < rows; i++) {
		uint64_t n = *(uint64_t *)g_hash_table_lookup(table, keys[i]);

		g_string_append_printf(out, "%s\t%s\t%" PRIu64 "\t%.2f\n",
				       f->event, keys[i], n,
				       100.0 * n / f->samples);
	}
	g_string_append_printf(out, "# end %u\n", rows);
	g_free(keys);
	g_hash_table_unref(table);
}

static void print_stacks(const struct fold *f, GString *out)
{
	guint rows;
	char **keys = ordered(f->stacks, &rows);

	for (guint i = 0; i < rows; i++)
		g_string_append_printf(
			out, "%s %" PRIu64 "\n", keys[i],
			*(uint64_t *)g_hash_table_lookup(f->stacks, keys[i]));
	g_free(keys);
}

/* ---- main ---- */

struct options {
	gboolean stacks;
	gboolean symbols;
	gint64 samples;
};

static bool parse_options(struct options *o, int *argc, char ***argv,
			  GError **err)
{
	const GOptionEntry entries[] = {
		{ "stacks", 0, 0, G_OPTION_ARG_NONE, &o->stacks,
		  "write folded call chains, for flamegraph.pl", NULL },
		{ "symbols", 0, 0, G_OPTION_ARG_NONE, &o->symbols,
		  "write a table by function", NULL },
		{ "samples", 0, 0, G_OPTION_ARG_INT64, &o->samples,
		  "refuse any other number of samples", "N" },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new("< SCRIPT-OUTPUT");
	bool good;

	g_option_context_set_summary(context, help);
	g_option_context_add_main_entries(context, entries, NULL);
	good = g_option_context_parse(context, argc, argv, err);
	g_option_context_free(context);
	if (good && (*argc > 1 || (o->stacks && o->symbols))) {
		g_set_error(err, TSV_ERROR, 0,
			    "expected one of --stacks and --symbols at most, "
			    "and the capture on standard input; see --help");
		return false;
	}
	return good;
}

static bool run(const struct options *o, struct fold *f, GError **err)
{
	GString *out;
	bool good;

	if (!fold_text(f, stdin, err))
		return false;
	if (o->samples && (uint64_t)o->samples != f->samples)
		return complain_at(
			err, f->line,
			"%" PRIu64 " samples, but perf counted %" PRId64
			"; was the output of perf script cut, or is "
			"perf too old (before 6.0) to print samples of "
			"a KVM guest?",
			f->samples, o->samples);
	out = g_string_new(NULL);
	if (o->stacks)
		print_stacks(f, out);
	else if (o->symbols)
		print_symbols(f, out);
	else
		print_layers(f, out);
	good = out_save("-", out, err);
	g_string_free(out, TRUE);
	return good;
}

static void free_thread(gpointer data)
{
	struct thread *t = data;

	g_free(t->comm);
	g_free(t);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct fold *f = g_new0(struct fold, 1);
	GError *err = NULL;
	bool good;

	f->threads = g_hash_table_new_full(NULL, NULL, NULL, free_thread);
	f->rows = new_table();
	f->stacks = new_table();
	f->symbols = new_table();
	good = parse_options(&o, &argc, &argv, &err) && run(&o, f, &err);
	g_hash_table_unref(f->threads);
	g_hash_table_unref(f->rows);
	g_hash_table_unref(f->stacks);
	g_hash_table_unref(f->symbols);
	g_free(f->event);
	g_free(f);
	return cli_end("perffold", good, err);
}
