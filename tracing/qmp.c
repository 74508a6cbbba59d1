// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp: sends commands to the monitor of a running QEMU and prints what it
 * returns. QEMU serves one client at a time, so several commands that belong
 * together go in one call.
 */
#include <errno.h>
#include <glib.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"

#define TIMEOUT_S   10
#define TIMEOUT_MAX 3600

static const char help[] =
	"Sends a command of the QEMU Machine Protocol to SOCKET (that of "
	"-qmp unix:SOCKET,\n"
	"server=on,wait=off) and prints what it returns, as JSON in one line. "
	"ARGUMENTS are\n"
	"JSON too. COMMAND `hmp` takes a line for the human monitor instead "
	"and "
	"prints\n"
	"its answer. Without COMMAND, standard input has one command in each "
	"line.\n\n"
	"Examples:\n"
	"  qmp vm.sock query-status\n"
	"  qmp vm.sock qom-get '{\"path\": \"/machine/peripheral/rng32\",\n"
	"                       \"property\": \"stat-mmio-reads\"}'\n"
	"  qmp vm.sock hmp 'info mtree'";

/** struct monitor - a connection */
struct monitor {
	const char *path;
	gint timeout_s;
	int fd;
	FILE *in; /* of fd */
	JsonParser *parser;
	char *line;
	size_t room;
};

/* The next message: an object, which the parser owns until the one after it */
static JsonObject *receive(struct monitor *m, GError **err)
{
	JsonNode *root;

	errno = 0;
	if (getline(&m->line, &m->room, m->in) < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			complain(err,
				 "%s: no answer within %d s; QEMU serves one "
				 "client at a time, is there another?",
				 m->path, m->timeout_s);
		else
			complain(err, "%s: QEMU closed the connection: %s",
				 m->path,
				 errno ? g_strerror(errno) : "it ended");
		return NULL;
	}
	root = json_parser_load_from_data(m->parser, m->line, -1, NULL)
		       ? json_parser_get_root(m->parser)
		       : NULL;
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		complain(err, "%s: no QMP, it says '%.60s'", m->path,
			 g_strchomp(m->line));
		return NULL;
	}
	return json_node_get_object(root);
}

/* @text is "COMMAND [ARGUMENTS]", or "hmp LINE" */
static char *request(const char *text, GError **err)
{
	size_t length = strcspn(text, " \t");
	const char *rest = text + length + strspn(text + length, " \t");
	JsonNode *arguments = NULL;
	JsonObject *object = json_object_new();
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	char *command = g_strndup(text, length), *message;

	if (!strcmp(command, "hmp")) {
		JsonObject *line = json_object_new();

		json_object_set_string_member(line, "command-line", rest);
		arguments = json_node_new(JSON_NODE_OBJECT);
		json_node_take_object(arguments, line);
		g_free(command);
		command = g_strdup("human-monitor-command");
	} else if (*rest) {
		arguments = json_from_string(rest, NULL);
		if (!arguments || !JSON_NODE_HOLDS_OBJECT(arguments))
			complain(err,
				 "the arguments of %s are no JSON object: "
				 "'%s'",
				 command, rest);
	}
	json_object_set_string_member(object, "execute", command);
	if (arguments)
		json_object_set_member(object, "arguments", arguments);
	json_node_take_object(node, object);
	message = json_to_string(node, FALSE);
	json_node_unref(node);
	g_free(command);
	return message;
}

/* What a command returned, which the parser owns, or NULL */
static JsonNode *answer(struct monitor *m, const char *text, GError **err)
{
	for (;;) {
		JsonObject *o = receive(m, err);
		JsonObject *error;

		if (!o)
			return NULL;
		if (json_object_has_member(o, "return"))
			return json_object_get_member(o, "return");
		if (!json_object_has_member(o, "error"))
			continue; /* an event, or the greeting */
		error = json_object_get_object_member(o, "error");
		complain(err, "QEMU refuses '%s': %s", text,
			 json_object_get_string_member_with_default(
				 error, "desc", "it does not say why"));
		return NULL;
	}
}

static JsonNode *execute(struct monitor *m, const char *text, GError **err)
{
	GError *bad = NULL;
	char *message = request(text, &bad);

	if (bad) {
		g_propagate_error(err, bad);
		g_free(message);
		return NULL;
	}
	if (dprintf(m->fd, "%s\n", message) < 0) {
		complain(err, "cannot write to %s: %s", m->path,
			 g_strerror(errno));
		g_free(message);
		return NULL;
	}
	g_free(message);
	return answer(m, text, err);
}

/* Text of the human monitor as it is, anything else as JSON */
static bool run(struct monitor *m, const char *text, GError **err)
{
	JsonNode *result = execute(m, text, err);
	char *json;

	if (!result)
		return false;
	if (g_str_has_prefix(text, "hmp ")) {
		const char *said = json_node_get_string(result);

		for (; said && *said; said++)
			if (*said != '\r')
				putchar(*said);
	} else {
		json = json_to_string(result, FALSE);
		puts(json);
		g_free(json);
	}
	return !fflush(stdout) ||
	       complain(err, "cannot write the answer: %s", g_strerror(errno));
}

static bool run_input(struct monitor *m, GError **err)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, stdin) >= 0)
		if (*g_strstrip(line))
			good = run(m, line, err);
	free(line);
	return good;
}

static bool open_monitor(struct monitor *m, GError **err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = m->timeout_s };
	int fd;

	if (strlen(m->path) >= sizeof(address.sun_path))
		return complain(err,
				"%s is longer than %zu bytes, too long for a "
				"socket; name it from a folder nearer to it",
				m->path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, m->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return complain(err, "no socket: %s", g_strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		complain(err, "cannot connect to %s: %s", m->path,
			 errno == ECONNREFUSED ? "no QEMU listens any more"
					       : g_strerror(errno));
		close(fd);
		return false;
	}
	m->fd = fd;
	m->in = fdopen(fd, "re");
	/* The greeting first, then nothing is allowed but this command */
	return receive(m, err) && execute(m, "qmp_capabilities", err);
}

static bool parse_options(struct monitor *m, char ***words, int *argc,
			  char ***argv, GError **err)
{
	const GOptionEntry entries[] = {
		{ "timeout", 't', 0, G_OPTION_ARG_INT, &m->timeout_s,
		  "how long to wait for an answer (10)", "SECONDS" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, words,
		  NULL, "SOCKET [COMMAND [ARGUMENTS]]" },
		{ NULL },
	};
	bool good = cli_parse(help, entries, argc, argv, err);

	if (!good)
		return false;
	if (!*words || g_strv_length(*words) > 3)
		return complain(err, "expected SOCKET [COMMAND [ARGUMENTS]]; "
				     "see --help");
	if (m->timeout_s < 1 || m->timeout_s > TIMEOUT_MAX)
		return complain(err, "--timeout takes 1 to %d seconds",
				TIMEOUT_MAX);
	m->path = (*words)[0];
	return true;
}

static bool talk(struct monitor *m, char **words, GError **err)
{
	char *text;
	bool good;

	if (!open_monitor(m, err))
		return false;
	if (!words[1])
		return run_input(m, err);
	text = g_strjoinv(" ", words + 1);
	good = run(m, text, err);
	g_free(text);
	return good;
}

int main(int argc, char **argv)
{
	struct monitor m = { .timeout_s = TIMEOUT_S };
	char **words = NULL;
	GError *err = NULL;
	bool good;

	signal(SIGPIPE, SIG_IGN); /* write() says what is wrong */
	m.parser = json_parser_new();
	good = parse_options(&m, &words, &argc, &argv, &err) &&
	       talk(&m, words, &err);
	if (m.in)
		fclose(m.in);
	free(m.line);
	g_object_unref(m.parser);
	g_strfreev(words);
	return cli_end("qmp", good, err);
}
