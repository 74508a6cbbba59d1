// SPDX-License-Identifier: GPL-2.0-or-later
/* env.json of a run: what it ran on, as flat keys and values. */
#include "env.h"

#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <string.h>

#include "fmt.h"

static void free_entry(gpointer data)
{
	struct env_entry *e = data;

	g_free(e->key);
	g_free(e->value);
	g_free(e);
}

static char *plain_value(JsonNode *node)
{
	if (JSON_NODE_HOLDS_NULL(node))
		return g_strdup("unknown");
	switch (json_node_get_value_type(node)) {
	case G_TYPE_STRING:
		return g_strdup(json_node_get_string(node));
	case G_TYPE_BOOLEAN:
		return g_strdup(json_node_get_boolean(node) ? "yes" : "no");
	case G_TYPE_INT64:
		return g_strdup_printf("%" PRId64, json_node_get_int(node));
	default:
		return fmt_data(json_node_get_double(node));
	}
}

/* Takes @value. */
static void add(GPtrArray *env, const char *key, char *value)
{
	struct env_entry *e = g_new(struct env_entry, 1);

	e->key = g_strdup(key);
	e->value = value;
	g_ptr_array_add(env, e);
}

static void flatten(GPtrArray *env, const char *key, JsonNode *node);

static void flatten_member(GPtrArray *env, const char *above, const char *name,
			   JsonNode *node)
{
	char *key =
		*above ? g_strdup_printf("%s.%s", above, name) : g_strdup(name);

	flatten(env, key, node);
	g_free(key);
}

static void flatten_object(GPtrArray *env, const char *key, JsonObject *object)
{
	JsonObjectIter iter;
	const char *name;
	JsonNode *member;

	json_object_iter_init_ordered(&iter, object);
	while (json_object_iter_next_ordered(&iter, &name, &member))
		flatten_member(env, key, name, member);
}

static bool is_plain(JsonNode *node)
{
	return !JSON_NODE_HOLDS_OBJECT(node) && !JSON_NODE_HOLDS_ARRAY(node);
}

static void flatten_array(GPtrArray *env, const char *key, JsonArray *array)
{
	GString *list = g_string_new(NULL);
	guint n = json_array_get_length(array);

	for (guint i = 0; i < n; i++) {
		JsonNode *member = json_array_get_element(array, i);
		char *text;

		if (is_plain(member)) {
			text = plain_value(member);
			g_string_append_printf(list, "%s%s",
					       list->len ? ", " : "", text);
		} else {
			text = g_strdup_printf("%u", i);
			flatten_member(env, key, text, member);
		}
		g_free(text);
	}
	if (list->len || !n)
		add(env, key, g_strdup(n ? list->str : "none"));
	g_string_free(list, TRUE);
}

static void flatten(GPtrArray *env, const char *key, JsonNode *node)
{
	if (JSON_NODE_HOLDS_OBJECT(node))
		flatten_object(env, key, json_node_get_object(node));
	else if (JSON_NODE_HOLDS_ARRAY(node))
		flatten_array(env, key, json_node_get_array(node));
	else
		add(env, key, plain_value(node));
}

GPtrArray *env_read(const char *path, GError **err)
{
	JsonParser *parser = json_parser_new();
	GPtrArray *env = NULL;
	GError *why = NULL;
	JsonNode *root;

	if (!json_parser_load_from_file(parser, path, &why)) {
		g_propagate_prefixed_error(err, why, "%s: ", path);
		goto out;
	}
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		g_set_error(err, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE,
			    "%s:1: expected a JSON object; run the study again",
			    path);
		goto out;
	}
	env = g_ptr_array_new_with_free_func(free_entry);
	flatten(env, "", root);
out:
	g_object_unref(parser);
	return env;
}

const char *env_get(const GPtrArray *env, const char *key)
{
	for (guint i = 0; i < env->len; i++) {
		const struct env_entry *e = env->pdata[i];

		if (!strcmp(e->key, key))
			return e->value;
	}
	return NULL;
}
