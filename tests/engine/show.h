// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "values/result.h"

#include <QTest>
#include <optional>
#include <string>

// How Qt Test shows the engine's values when they differ.
namespace QTest {

template <>
inline char *toString(const std::string &text)
{
    return qstrdup(QByteArray::fromStdString(text).toPercentEncoding(" !\"#$&'()*+,/:;<=>?@[]^`{|}~").constData());
}

template <>
inline char *toString(const engine::Fault &fault)
{
    return qstrdup(QByteArray::number(static_cast<int>(fault)).constData());
}

} // namespace QTest

/// A row's text that may hold any byte, NUL too.
inline std::string bytesOf(const QByteArray &bytes)
{
    return bytes.toStdString();
}

// What a failed Result says, and that it failed at all.
#define VERIFY_FAILS(result, expectedFault)                                                                            \
    do {                                                                                                               \
        const auto &outcome = (result);                                                                                \
        QVERIFY2(!outcome, "succeeded");                                                                               \
        QCOMPARE(outcome.error().fault, expectedFault);                                                                \
    } while (false)

#define VERIFY_SUCCEEDS(result)                                                                                        \
    do {                                                                                                               \
        const auto &outcome = (result);                                                                                \
        QVERIFY2(outcome, outcome ? "" : outcome.error().text.c_str());                                                \
    } while (false)
