// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace lab {

/// dom0's decision on one call.
struct Decision
{
    bool allowed = false;
    std::string target; ///< where the call goes
    std::string user;   ///< empty: the target's default user
    std::string reason; ///< for the log: the rule, or why there is none
};

/// The part of qrexec's policy that the lab needs. Files of the five column format
/// ("service +arg|* source target action [target=..] [user=..]", first match wins, no match is a refusal), and
/// the older folder with one file per service ("source target action[,user=..][,target=..]"), consulted first,
/// in which dom0 puts the permission that lives only as long as an attach: NAME+ARG, then NAME, and a file that
/// exists decides. Both are read anew for each call. "ask" is a refusal: nobody is there to ask.
class Policy
{
public:
    /// fileOrFolder: one file, or a folder of *.policy files taken in the order of their names.
    Policy(std::string fileOrFolder, std::string legacyFolder);
    Decision decide(const std::string &source, const std::string &target, const std::string &service) const;

private:
    std::string m_path;
    std::string m_legacy;
};

/// What qrexec-daemon does to the names in a call from a qube: every byte it does not know becomes '_'.
std::string sanitizedService(const std::string &service);
std::string sanitizedTarget(const std::string &target);

} // namespace lab
