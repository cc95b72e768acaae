// SPDX-License-Identifier: GPL-2.0-or-later
#include "property.h"
#include "values/importkey.h"

namespace {

constexpr const char *folder = "/run/qubes";

/// A key names one file, in the folder of state files, and the file's name gives the key back.
void check(const engine::ImportKey &key)
{
    const std::string name = key.fileName();
    require(isPrintable(name) && name.find('/') == std::string::npos && name.size() < 128);
    const auto back = engine::ImportKey::fromFile(folder, name);
    require(back && back->backend == key.backend && back->device.text() == key.device.text());
    const auto request = engine::ImportKey::fromRequest(key.backend.text() + ' ' + key.device.text());
    require(request && request->fileName() == name);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view untrusted = asText(data, size);
    if (const auto key = engine::ImportKey::fromRequest(untrusted))
        check(*key);
    if (const auto key = engine::ImportKey::fromFile(folder, untrusted))
        check(*key);
    if (const auto key = engine::ImportKey::fromFile(folder, "usb-import-" + std::string(untrusted) + ".state"))
        check(*key);
    return 0;
}
