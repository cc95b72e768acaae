// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json.h"
#include "show.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace engine;

class TestJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyByteSurvivesAsText()
    {
        std::string all;
        for (int byte = 0; byte < 256; ++byte)
            all += static_cast<char>(byte);
        const std::string json = '[' + jsonString(all) + ']';
        for (const char c : json)
            QVERIFY(c >= 0x20 && c < 0x7f);
        QJsonParseError error;
        const auto array = QJsonDocument::fromJson(QByteArray::fromStdString(json), &error).array();
        QCOMPARE(error.error, QJsonParseError::NoError);
        QCOMPARE(array.first().toString(), QString::fromLatin1(all.data(), 256));
    }

    void objectsAndArrays()
    {
        const std::string json =
            jsonArray({jsonObject({{"a\"b", jsonString("x")}, {"c", "true"}}), jsonObject({}), jsonArray({})});
        QJsonParseError error;
        const auto array = QJsonDocument::fromJson(QByteArray::fromStdString(json), &error).array();
        QCOMPARE(error.error, QJsonParseError::NoError);
        QCOMPARE(array.size(), 3);
        QCOMPARE(array[0].toObject()["a\"b"].toString(), QString("x"));
        QVERIFY(array[0].toObject()["c"].toBool());
        QVERIFY(array[1].toObject().isEmpty() && array[2].toArray().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
