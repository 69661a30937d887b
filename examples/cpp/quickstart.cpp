// Finds a visitor by lookup code: UPSCOPE_API_KEY=... ./quickstart 0042

#include <iostream>
#include <upscope.hpp>

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    try {
        const upscope::Client client; // the key comes from UPSCOPE_API_KEY
        const upscope::Answer found = client.list_visitors({argv[1], 1});
        for (const upscope::Visitor &visitor : found.list<upscope::Visitor>()) {
            std::cout << visitor.short_id.value_or("?") << '\t' << visitor.name.value_or("unknown") << '\n';
        }
        return 0;
    } catch (const upscope::UnauthorizedError &error) {
        std::cerr << "the API key is not accepted: " << error.message() << '\n';
    } catch (const upscope::Error &error) {
        std::cerr << error.code() << ": " << error.message() << '\n';
    }
    return 1;
}
