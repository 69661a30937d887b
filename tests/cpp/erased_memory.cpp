/* Memory that upscope.hpp frees contains no secrets: this program searches every block that it frees. */

#include "sandbox.hpp"

#include <cstddef>
#include <new>

namespace {

constexpr char secret[] = "a secret that is longer than a short string";

std::atomic<int> freed_with_secret{0};

bool holds_secret(const char *block, std::size_t size) {
    return std::string_view(block, size).find(secret) != std::string_view::npos;
}

/** Space before each block for its size. It keeps the block aligned. */
constexpr std::size_t header_size = alignof(std::max_align_t);
static_assert(header_size >= sizeof(std::size_t), "too small for the size");

void release(void *block) noexcept {
    if (block == nullptr) return;
    char *begin = static_cast<char *>(block) - header_size;
    std::size_t size = 0;
    std::memcpy(&size, begin, sizeof size);
    if (holds_secret(static_cast<const char *>(block), size)) ++freed_with_secret;
    std::free(begin);
}

} // namespace

void *operator new(std::size_t size) {
    char *begin = static_cast<char *>(std::malloc(size + header_size));
    if (begin == nullptr) throw std::bad_alloc();
    /* Zeroed, so that remains of an earlier block are not found in this one. */
    std::memset(begin, 0, size + header_size);
    std::memcpy(begin, &size, sizeof size);
    return begin + header_size;
}
void *operator new[](std::size_t size) { return operator new(size); }
void operator delete(void *block) noexcept { release(block); }
void operator delete[](void *block) noexcept { release(block); }
void operator delete(void *block, std::size_t) noexcept { release(block); }
void operator delete[](void *block, std::size_t) noexcept { release(block); }

namespace {

using namespace upscope;

template <typename Work>
int found_in(Work work) {
    const int before = freed_with_secret;
    work();
    return freed_with_secret - before;
}

} // namespace

int main(int, char **argv) {
    Config config = sandbox::config();
    config.api_key = secret;
    config.proxy = "";
    /* Not an id, because a not_found message quotes it. */
    const ListVisitors visitors{secret};
    const std::string json = std::string("{\"search\": \"") + secret + "\"}";
    const std::string fault =
        std::string(R"([{"status": 200, "body": "{\"usage\": {}, \"x\": \")") + secret + R"(\"}"}])";
    const Client client(sandbox::config());

    /* The check finds a copy that is not erased. */
    CHECK(found_in([&] { const std::string copy = *config.api_key; }) == 1, "the check does not work");

    int found = found_in([&] { const Result<Client> made = Client::create(config); });
    CHECK(found == 0, "the configuration, in %d blocks", found);
    found = found_in([&] { (void)client.try_list_visitors(visitors); });
    CHECK(found == 0, "a request, in %d blocks", found);
    found = found_in([&] { (void)client.try_call("list_visitors", json); });
    CHECK(found == 0, "a request as text, in %d blocks", found);
    found = found_in([&] { (void)client.try_start(visitors)->try_get(); });
    CHECK(found == 0, "a started request, in %d blocks", found);
    found = found_in([&] {
        /* The text moves while it grows. */
        std::string text;
        for (int i = 0; i < 100; ++i) detail::append(text, secret);
        detail::erase(text.data(), text.size());
    });
    CHECK(found == 0, "text that moved, in %d blocks", found);

    sandbox::reset(fault.c_str());
    std::promise<bool> received;
    found = found_in([&] {
        Pending<Answer> call = client.start(GetUsage{}, [&received](Result<Answer> answer) {
            received.set_value(answer && answer->text().find(secret) != std::string_view::npos);
        });
        const Answer answer = call.get();
        CHECK(answer.text().find(secret) != std::string_view::npos, "%s", answer.c_str());
        CHECK(received.get_future().get(), "the callback did not receive the response");
        /* Waits until the callback has returned and freed its copy. */
        call = client.start(GetUsage{});
    });
    CHECK(found == 0, "the copy for a callback, in %d blocks", found);
    return checks_end(argv[0], 9);
}
