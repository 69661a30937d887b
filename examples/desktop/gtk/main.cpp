// An agent console for Linux: finds visitors, opens their page in a browser, and shows the session history.

#include <glib.h>
#include <gtk/gtk.h>

#include "answers.hpp"
#include "console.hpp"
#include "probe.hpp"
#include "upscope.h"
#include "window.hpp"

namespace {

// The agent, as shown to the visitor and in the records.
Agent agent_here()
{
    const char *id = g_getenv("UPSCOPE_AGENT_ID");
    const char *name = g_getenv("UPSCOPE_AGENT_NAME");
    Agent agent{id == nullptr ? g_get_user_name() : id, name == nullptr ? g_get_real_name() : name};
    if (name == nullptr && agent.name == "Unknown") agent.name = agent.id;
    return agent;
}

std::string setup_advice(const char *error)
{
    if (g_getenv("UPSCOPE_API_KEY") == nullptr) {
        return "This program needs your account's secret REST API key, which an administrator of the account finds "
               "in the settings. It is read from the environment variable UPSCOPE_API_KEY and is not stored.";
    }
    return read_failure(error).message;
}

}  // namespace

int main(int argc, char **argv)
{
    char *probe_file = nullptr;
    int refresh_ms = 5000;
    const GOptionEntry options[] = {
        {"probe", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &probe_file, nullptr, nullptr},
        {"refresh-ms", 0, 0, G_OPTION_ARG_INT, &refresh_ms,
         "The refresh interval of the visitor list in milliseconds (default: 5000)", "MS"},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
    GError *wrong = nullptr;
    if (!gtk_init_with_args(&argc, &argv, nullptr, options, nullptr, &wrong)) {
        g_printerr("%s\n", wrong == nullptr ? "No display is available." : wrong->message);
        g_clear_error(&wrong);
        return 2;
    }
    if (probe_file != nullptr) probe::open(probe_file);

    upscope_client *client;
    char *error;
    const upscope_status status = upscope_client_new("{\"timeout_ms\": 15000, \"user_agent\": \"agent-console/1.0\"}",
                                                     &client, &error);
    if (status == UPSCOPE_OK) {
        Console console(client, agent_here());
        Window window(console, static_cast<unsigned>(refresh_ms < 100 ? 100 : refresh_ms));
        console.search("");
        gtk_main();
    } else {
        show_setup(setup_advice(error));
        upscope_string_free(error);
        gtk_main();
    }
    probe::event("closed");
    probe::close();
    g_free(probe_file);
    return status == UPSCOPE_OK ? 0 : 1;
}
