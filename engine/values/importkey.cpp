// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/importkey.h"

namespace engine {

namespace {

constexpr std::string_view prefix = "usb-import-";
constexpr std::string_view suffix = ".state";

} // namespace

std::string ImportKey::fileName() const
{
    return std::string(prefix) + backend.text() + '-' + device.text() + std::string(suffix);
}

std::optional<ImportKey> ImportKey::fromFile(const std::string &folder, std::string_view untrusted)
{
    if (const std::size_t slash = untrusted.rfind('/'); slash != std::string_view::npos) {
        const std::string_view given = untrusted.substr(0, slash);
        if (given != folder && given != "/var/run/qubes")
            return std::nullopt;
        untrusted.remove_prefix(slash + 1);
    }
    if (!untrusted.starts_with(prefix) || !untrusted.ends_with(suffix) ||
        untrusted.size() < prefix.size() + suffix.size())
        return std::nullopt;
    const std::string_view both = untrusted.substr(prefix.size(), untrusted.size() - prefix.size() - suffix.size());
    // A busid has exactly one '-', a vendor and product id none: the device begins at the last or last but one.
    for (std::size_t dash = both.rfind('-'); dash != std::string_view::npos && dash > 0;
         dash = both.rfind('-', dash - 1)) {
        const auto device = DeviceSpec::parse(both.substr(dash + 1));
        const auto backend = QubeName::parse(both.substr(0, dash));
        if (device && backend)
            return ImportKey{*backend, *device};
    }
    return std::nullopt;
}

std::optional<ImportKey> ImportKey::fromRequest(std::string_view untrusted)
{
    if (untrusted.ends_with('\n'))
        untrusted.remove_suffix(1);
    const std::size_t blank = untrusted.find(' ');
    if (blank == std::string_view::npos)
        return std::nullopt;
    const auto backend = QubeName::parse(untrusted.substr(0, blank));
    const auto device = DeviceSpec::parse(untrusted.substr(blank + 1));
    return backend && device ? std::optional(ImportKey{*backend, *device}) : std::nullopt;
}

} // namespace engine
