// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"

#include "base/uniquefd.h"
#include "forked.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace fs = std::filesystem;

namespace {

FakeSysfs *installed = nullptr;
int depth = 0; // of calls into the fake
int (*beforeWrite)() = nullptr;
void (*afterWrite)() = nullptr;

/// While it lives, the fake is at work.
class AtWork
{
public:
    AtWork() { ++depth; }
    AtWork(const AtWork &) = delete;
    AtWork &operator=(const AtWork &) = delete;
    ~AtWork() { --depth; }
};

std::string pathOf(int fd)
{
    std::array<char, PATH_MAX> target{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t length = readlink(link.c_str(), target.data(), target.size());
    return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : std::string();
}

std::string withoutLineEnd(std::string text)
{
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string statusName(unsigned controller)
{
    return controller == 0 ? "status" : "status." + std::to_string(controller);
}

constexpr const char *freePort = "004 000 00000000 000000 0-0";
constexpr std::size_t maxBusids = 16;
constexpr std::size_t busidSize = 32;

} // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): names that the linker's --wrap prescribes
extern "C" {
ssize_t __real_write(int fd, const void *bytes, size_t size);
int __real_ioctl(int fd, unsigned long request, ...);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    if (const int failure = beforeWrite != nullptr && depth == 0 ? beforeWrite() : 0; failure != 0) {
        errno = failure;
        return -1;
    }
    const int answer =
        installed != nullptr ? installed->answer(pathOf(fd), {static_cast<const char *>(bytes), size}) : -1;
    const ssize_t written = answer < 0 ? __real_write(fd, bytes, size) : answer == 0 ? static_cast<ssize_t>(size) : -1;
    const int number = answer > 0 ? answer : errno;
    if (afterWrite != nullptr && depth == 0)
        afterWrite();
    errno = number;
    return written;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    const int answer = installed != nullptr && request == USBDEVFS_RESET ? installed->answerReset(pathOf(fd)) : -1;
    if (answer < 0) {
        va_list arguments;
        va_start(arguments, request);
        void *argument = va_arg(arguments, void *);
        va_end(arguments);
        return __real_ioctl(fd, request, argument);
    }
    errno = answer;
    return answer == 0 ? 0 : -1;
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

bool FakeSysfs::isAtWork()
{
    return depth > 0;
}

void FakeSysfs::watchWrites(int (*before)(), void (*after)())
{
    beforeWrite = before;
    afterWrite = after;
}

FakeSysfs *FakeSysfs::current()
{
    return installed;
}

FakeSysfs::FakeSysfs()
    : m_root(fs::canonical(m_dir.path().toStdString()))
{
    m_paths.sys = m_root + "/sys";
    m_paths.proc = m_root + "/proc";
    m_paths.dev = m_root + "/dev";
    m_paths.run = m_root + "/run";
    m_paths.state = m_root + "/state";
    m_paths.services = m_root + "/services";
    m_paths.root = m_root;
    m_paths.programs = m_root + "/programs";
    for (const std::string &folder : {m_paths.usbDevices(), m_paths.usbDrivers() + "/usb", m_paths.proc + "/self",
                                      m_paths.dev, m_paths.services, m_paths.programs})
        fs::create_directories(folder);
    setMountinfo("");
    setSwaps("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    for (const char *record : {"written", "match_busid", "connections"})
        putFile(m_root + "/records/" + record, "");
    onWrite("bus/usb/drivers/usb/bind", [this](const std::string &bytes) {
        const std::string busid = withoutLineEnd(bytes);
        if (folderOf(busid).empty())
            return ENODEV;
        if (!driver(busid).empty())
            return EBUSY;
        setDriver(busid, "usb");
        return 0;
    });
    onWrite("bus/usb/drivers/usb/unbind", [this](const std::string &bytes) {
        const std::string busid = withoutLineEnd(bytes);
        if (folderOf(busid).empty() || driver(busid) != "usb")
            return ENODEV;
        setDriver(busid, "");
        return 0;
    });
    onWrite("bus/usb/drivers_probe", [this](const std::string &bytes) {
        const std::string busid = withoutLineEnd(bytes);
        if (folderOf(busid).empty())
            return ENODEV;
        if (driver(busid).empty())
            setDriver(busid, "usb");
        return 0;
    });
    installed = this;
}

FakeSysfs::~FakeSysfs()
{
    installed = nullptr;
    // Nothing may come back into a folder that has gone.
    connectionsEnd();
}

bool FakeSysfs::connectionsEnd() const
{
    for (const std::string &process : linesOf("connections")) {
        const std::string state = "/proc/" + process + "/stat";
        const bool ended =
            becomesTrue([&] { return get(state).empty() || get(state).find(") Z ") != std::string::npos; });
        if (!ended)
            return false;
    }
    return true;
}

void FakeSysfs::putFile(const std::string &path, const std::string &text)
{
    fs::create_directories(fs::path(path).parent_path());
    // An attribute is never seen half written.
    const std::string beside = path + "~" + std::to_string(getpid());
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file)
        throw std::runtime_error("cannot write " + path);
    fs::rename(beside, path);
}

std::string FakeSysfs::get(const std::string &path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string FakeSysfs::devicePath(const std::string &busid) const
{
    const std::string bus = busid.substr(0, busid.find('-'));
    return sys("devices/pci0000:00/0000:00:14.0/usb" + bus + '/' + busid);
}

std::string FakeSysfs::folderOf(const std::string &busid) const
{
    std::error_code gone;
    const fs::path folder = fs::canonical(m_paths.usbDevices() + '/' + busid, gone);
    return gone || busid.empty() ? std::string() : folder.string();
}

void FakeSysfs::addDevice(const std::string &busid, const Attributes &attributes)
{
    static int devnum = 1;
    const std::string folder = devicePath(busid);
    Attributes all{{"idVendor", "46f4"},
                   {"idProduct", "0001"},
                   {"manufacturer", "QEMU"},
                   {"product", "QEMU USB HARDDRIVE"},
                   {"serial", "1-0000:00:14.0-" + busid},
                   {"speed", "480"},
                   {"version", " 2.00"},
                   {"bDeviceClass", "00"},
                   {"busnum", busid.substr(0, busid.find('-'))},
                   {"devnum", std::to_string(++devnum)},
                   {"authorized", "1"},
                   {"bConfigurationValue", "1"}};
    for (const auto &[name, text] : attributes)
        all[name] = text;
    for (const auto &[name, text] : all)
        putFile(folder + '/' + name, text + '\n');
    putFile(folder + "/descriptors", "\x12\x01" + all["idVendor"] + all["idProduct"]);
    fs::create_directory_symlink(folder, m_paths.usbDevices() + '/' + busid);
    setDriver(busid, "usb");
}

void FakeSysfs::addHub(const std::string &busid)
{
    addDevice(busid, {{"bDeviceClass", "09"}, {"idVendor", "05e3"}, {"idProduct", "0608"}, {"product", "USB2.0 Hub"}});
}

void FakeSysfs::addImported(const std::string &busid)
{
    addDevice(busid);
    const std::string bus = busid.substr(0, busid.find('-'));
    const std::string virtualBus = sys("devices/platform/vhci_hcd.0/usb" + bus);
    fs::create_directories(virtualBus);
    fs::rename(devicePath(busid), virtualBus + '/' + busid);
    fs::remove(m_paths.usbDevices() + '/' + busid);
    fs::create_directory_symlink(virtualBus + '/' + busid, m_paths.usbDevices() + '/' + busid);
}

void FakeSysfs::addInterface(const std::string &busid, const std::string &name,
                             const std::string &classSubclassProtocol)
{
    const std::string folder = folderOf(busid) + '/' + busid + ':' + name;
    putFile(folder + "/bInterfaceClass", classSubclassProtocol.substr(0, 2) + '\n');
    putFile(folder + "/bInterfaceSubClass", classSubclassProtocol.substr(2, 2) + '\n');
    putFile(folder + "/bInterfaceProtocol", classSubclassProtocol.substr(4, 2) + '\n');
    fs::create_directory_symlink(folder, m_paths.usbDevices() + '/' + busid + ':' + name);
}

void FakeSysfs::addDisk(const std::string &busid, const std::string &name, const std::string &numbers,
                        const std::vector<std::pair<std::string, std::string>> &partitions)
{
    const std::string disk = folderOf(busid) + '/' + busid + ":1.0/host6/target6:0:0/6:0:0:0/block/" + name;
    fs::create_directories(disk + "/holders");
    putFile(disk + "/dev", numbers + '\n');
    for (const auto &[part, partNumbers] : partitions) {
        fs::create_directories(disk + '/' + part + "/holders");
        putFile(disk + '/' + part + "/dev", partNumbers + '\n');
        putFile(disk + '/' + part + "/partition", "1\n");
    }
    // The kernel's own links back must not be followed for ever.
    fs::create_directory_symlink(folderOf(busid), disk + "/device");
    putFile(m_paths.dev + '/' + name, "");
}

void FakeSysfs::addHolder(const std::string &block, const std::string &holder)
{
    for (const auto &entry : fs::recursive_directory_iterator(sys("devices"))) {
        if (entry.path().filename() == block && fs::exists(entry.path() / "holders"))
            fs::create_directory(entry.path() / "holders" / holder);
    }
}

void FakeSysfs::unplug(const std::string &busid)
{
    const std::string folder = folderOf(busid);
    for (const auto &entry : fs::directory_iterator(m_paths.usbDevices())) {
        const std::string name = entry.path().filename();
        if (name == busid || name.starts_with(busid + ':'))
            fs::remove(entry.path());
    }
    fs::remove_all(folder);
}

void FakeSysfs::setAttribute(const std::string &busid, const std::string &name, const std::string &text)
{
    putFile(folderOf(busid) + '/' + name, text + '\n');
}

std::string FakeSysfs::attribute(const std::string &busid, const std::string &name) const
{
    return withoutLineEnd(get(folderOf(busid) + '/' + name));
}

std::string FakeSysfs::driver(const std::string &busid) const
{
    std::error_code none;
    return fs::read_symlink(folderOf(busid) + "/driver", none).filename();
}

void FakeSysfs::setDriver(const std::string &busid, const std::string &driver)
{
    const std::string folder = folderOf(busid);
    fs::remove(folder + "/driver");
    if (!driver.empty())
        fs::create_directory_symlink(m_paths.usbDrivers() + '/' + driver, folder + "/driver");
    // Attributes of the driver come and go with it.
    const bool stub = driver == "usbip-host";
    for (const std::string &name : {std::string("usbip_status"), std::string("usbip_sockfd")}) {
        if (stub)
            putFile(folder + '/' + name, name == "usbip_status" ? "1\n" : "");
        else
            fs::remove(folder + '/' + name);
    }
}

void FakeSysfs::setMountinfo(const std::string &lines)
{
    putFile(m_paths.proc + "/self/mountinfo", lines);
}

void FakeSysfs::setSwaps(const std::string &lines)
{
    putFile(m_paths.proc + "/swaps", lines);
}

void FakeSysfs::setModuleState(const std::string &module, const std::string &state)
{
    put("module/" + module + "/initstate", state + '\n');
}

void FakeSysfs::loadUsbipHost()
{
    onWrite("bus/usb/drivers/usbip-host/match_busid", [this](const std::string &bytes) {
        if (!bytes.starts_with("add ") || bytes.size() < 5 || bytes.size() - 4 >= busidSize)
            return EINVAL;
        // No line end is stripped here: it would become part of the name.
        const std::string name = bytes.substr(4);
        const auto table = matchTable();
        if (std::ranges::find(table, name) != table.end())
            return 0;
        if (table.size() == maxBusids)
            return ENOMEM;
        note("match_busid", name);
        return 0;
    });
    onWrite("bus/usb/drivers/usbip-host/bind",
            [this](const std::string &bytes) { return usbipBind(withoutLineEnd(bytes)); });
    onWrite("bus/usb/drivers/usbip-host/unbind", [this](const std::string &bytes) {
        const std::string busid = withoutLineEnd(bytes);
        if (folderOf(busid).empty() || driver(busid) != "usbip-host")
            return ENODEV;
        if (attribute(busid, "usbip_status") == "2")
            throw std::logic_error("unbind while in use: the kernel may hang for ever");
        setDriver(busid, "");
        return 0;
    });
    setModuleState("usbip_host", "live");
}

int FakeSysfs::usbipBind(const std::string &busid)
{
    if (folderOf(busid).empty())
        return ENODEV;
    if (!driver(busid).empty())
        return EBUSY;
    const auto table = matchTable();
    if (attribute(busid, "bDeviceClass") == "09" || std::ranges::find(table, busid) == table.end())
        return ENODEV;
    setDriver(busid, "usbip-host");
    return 0;
}

int FakeSysfs::takeConnection(const std::string &busid, const std::string &bytes)
{
    // EINVAL stands for everything that is wrong (usbip_sockfd_store() in stub_dev.c).
    int type = 0;
    socklen_t length = sizeof type;
    const int socket = std::atoi(bytes.c_str()); // NOLINT(cert-err34-c): as the kernel's sscanf
    if (attribute(busid, "usbip_status") != "1" || getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 ||
        type != SOCK_STREAM)
        return EINVAL;
    setUsbipStatus(busid, 2);
    // The kernel keeps a reference of its own, and resets the device when the connection ends, whoever lives then.
    hold(socket, [this, busid](int connection) {
        waitForEnd(connection);
        if (attribute(busid, "usbip_status") == "2")
            setUsbipStatus(busid, 1);
    });
    return 0;
}

void FakeSysfs::hold(int socket, const std::function<void(int connection)> &work) const
{
    const pid_t kernel = fork();
    if (kernel < 0)
        throw std::runtime_error("fork");
    if (kernel == 0) {
        if (socket != 3)
            dup2(socket, 3);
        for (int fd = 0; fd < 3; ++fd)
            close(fd);
        close_range(4, ~0U, 0);
        work(3);
        _exit(0);
    }
    note("connections", std::to_string(kernel));
}

void FakeSysfs::waitForEnd(int connection)
{
    pollfd entry{connection, POLLRDHUP, 0};
    poll(&entry, 1, -1);
    shutdown(connection, SHUT_RDWR);
}

void FakeSysfs::giveToUsbipHost(const std::string &busid, int status)
{
    setDriver(busid, "");
    if (answer(sys("bus/usb/drivers/usbip-host/match_busid"), "add " + busid) != 0)
        throw std::runtime_error("usbip-host does not take " + busid);
    setDriver(busid, "usbip-host");
    setUsbipStatus(busid, status);
}

void FakeSysfs::loadVhci(unsigned controllers, unsigned ports)
{
    m_controllers = controllers;
    m_portsPerHub = ports;
    unsigned bus = 3;
    for (unsigned controller = 0; controller < controllers; ++controller) {
        const std::string folder = "devices/platform/vhci_hcd." + std::to_string(controller);
        put(folder + "/usb" + std::to_string(bus) + "/speed", "480\n");
        put(folder + "/usb" + std::to_string(bus + 1) + "/speed", "5000\n");
        bus += 2;
    }
    writeVhciStatus(std::vector<std::string>(std::size_t{2} * controllers * ports, freePort));
    onWrite("devices/platform/vhci_hcd.0/attach", [this](const std::string &bytes) { return attachPort(bytes); });
    onWrite("devices/platform/vhci_hcd.0/detach", [this](const std::string &bytes) { return detachPort(bytes); });
    setModuleState("vhci_hcd", "live");
}

std::vector<std::string> FakeSysfs::ports() const
{
    std::vector<std::string> all;
    for (unsigned controller = 0; controller < m_controllers; ++controller) {
        std::istringstream lines(get(sys("devices/platform/vhci_hcd.0/" + statusName(controller))));
        std::string line;
        for (std::getline(lines, line); std::getline(lines, line);)
            all.push_back(line.substr(9)); // behind hub and port
    }
    return all;
}

void FakeSysfs::writeVhciStatus(const std::vector<std::string> &ports) const
{
    for (unsigned controller = 0; controller < m_controllers; ++controller) {
        std::string text = "hub port sta spd dev      sockfd local_busid\n";
        for (unsigned n = 0; n < 2 * m_portsPerHub; ++n) {
            const unsigned port = controller * 2 * m_portsPerHub + n;
            std::array<char, 16> head{};
            std::snprintf(head.data(), head.size(), "%s  %04u ", n < m_portsPerHub ? "hs" : "ss", port);
            text += head.data() + ports[port] + '\n';
        }
        put("devices/platform/vhci_hcd.0/" + statusName(controller), text);
    }
}

void FakeSysfs::setPort(unsigned port, const std::string &text)
{
    auto all = ports();
    all.at(port) = text;
    writeVhciStatus(all);
}

int FakeSysfs::attachPort(const std::string &bytes)
{
    unsigned port = 0;
    int socket = 0;
    unsigned devId = 0;
    unsigned speed = 0;
    std::istringstream words(bytes);
    if (!(words >> port >> socket >> devId >> speed) || port >= ports().size() || speed == 0 || speed > 6)
        return EINVAL;
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM)
        return EINVAL;
    if (!ports()[port].starts_with("004"))
        return EBUSY;
    setPort(port, "005 000 00000000 000000 0-0");
    return 0;
}

int FakeSysfs::detachPort(const std::string &bytes)
{
    const auto port = static_cast<unsigned>(std::stoul(bytes));
    if (port >= ports().size() || ports()[port].starts_with("004"))
        return EINVAL;
    setPort(port, freePort);
    return 0;
}

void FakeSysfs::onWrite(const std::string &path, Reaction reaction)
{
    if (!fs::exists(sys(path)))
        put(path, "");
    m_reactions[path] = std::move(reaction);
}

FakeSysfs::Reaction FakeSysfs::reaction(const std::string &path) const
{
    return m_reactions.at(path);
}

int FakeSysfs::answer(const std::string &path, const std::string &bytes)
{
    if (!path.starts_with(m_paths.sys + '/'))
        return -1;
    const AtWork working;
    const std::string name = path.substr(m_paths.sys.size() + 1);
    note("written", name + '\0' + bytes);
    const auto found = m_reactions.find(name);
    if (found != m_reactions.end())
        return found->second(bytes);
    // Comes and goes with the driver, by whatever process it was bound.
    const fs::path file(name);
    return file.filename() == "usbip_sockfd" ? takeConnection(file.parent_path().filename(), bytes) : -1;
}

int FakeSysfs::answerReset(const std::string &path) const
{
    return path.starts_with(m_paths.dev + '/') && m_onReset ? m_onReset(path) : -1;
}

std::vector<std::string> FakeSysfs::linesOf(const std::string &record) const
{
    std::istringstream text(get(m_root + "/records/" + record));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line, '\1');)
        lines.push_back(line);
    return lines;
}

void FakeSysfs::note(const std::string &record, const std::string &line) const
{
    // One write: other processes are at it, too. Not through the engine's write(), which comes here.
    const engine::UniqueFd file(open((m_root + "/records/" + record).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    const std::string text = line + '\1';
    if (__real_write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot note " + line);
}

std::vector<FakeSysfs::Written> FakeSysfs::written() const
{
    std::vector<Written> all;
    for (const std::string &line : linesOf("written"))
        all.push_back({line.substr(0, line.find('\0')), line.substr(line.find('\0') + 1)});
    return all;
}

std::vector<std::string> FakeSysfs::writtenTo(const std::string &path) const
{
    std::vector<std::string> all;
    for (const Written &one : written()) {
        if (one.path == path)
            all.push_back(one.bytes);
    }
    return all;
}
