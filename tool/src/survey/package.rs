//! Binary packages of Debian and of rpm: what they are called, unpacking them, and building them again.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Serialize;

/// The form of a package file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    Deb,
    Rpm,
}

impl Form {
    /// The form by the suffix of the name.
    pub fn of(file: &Path) -> Option<Form> {
        match file.extension().and_then(OsStr::to_str)? {
            "deb" | "ddeb" => Some(Form::Deb),
            "rpm" => Some(Form::Rpm),
            _ => None,
        }
    }
}

/// What a package is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Name {
    pub package: String,
    pub version: String,
    pub architecture: String,
}

/// A package file.
#[derive(Clone, Debug)]
pub struct Package {
    pub file: PathBuf,
    pub form: Form,
    pub name: Name,
    /// The source package and its version, with a space between.
    pub source: String,
}

/// Fields with tabs between; `--showformat` and `--qf` have the same syntax but for the names.
const DEB_FIELDS: &str =
    "${Package}\\t${Version}\\t${Architecture}\\t${source:Package} ${source:Version}";
const RPM_FIELDS: &str = "%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}";

impl Package {
    /// Reads the package's own description. Fails with a sentence.
    pub fn read(file: &Path, form: Form) -> Result<Package, String> {
        let text = match form {
            Form::Deb => {
                let format = format!("--showformat={DEB_FIELDS}");
                let mut command = Command::new("dpkg-deb");
                let text = output(command.arg("--show").arg(format).arg(file))?;
                String::from_utf8_lossy(&text).into_owned()
            }
            Form::Rpm => rpm(RPM_FIELDS, file)?,
        };
        let fields: Vec<&str> = text.split('\t').collect();
        let [package, version, architecture, source] = fields[..] else {
            return Err(format!("the package's description cannot be read: {text}"));
        };
        let [package, version, architecture] = [package, version, architecture].map(str::to_owned);
        let source = match form {
            Form::Deb => source.to_owned(),
            // `name-version-release.src.rpm`
            Form::Rpm => {
                let source = source.strip_suffix(".src.rpm").unwrap_or(source);
                let mut parts = source.rsplitn(3, '-');
                let (release, of_source) = (parts.next(), parts.next());
                match (release, of_source, parts.next()) {
                    (Some(release), Some(number), Some(name)) => {
                        format!("{name} {number}-{release}")
                    }
                    _ => format!("{package} {version}"),
                }
            }
        };
        let name = Name { package, version, architecture };
        Ok(Package { file: file.to_path_buf(), form, name, source })
    }

    /// Unpacks all files into a new directory. A package of Debian has its control files in `DEBIAN` there.
    pub fn unpack(&self, directory: &Path) -> Result<(), String> {
        match self.form {
            Form::Deb => {
                let mut command = Command::new("dpkg-deb");
                output(command.arg("--raw-extract").args([&self.file, directory])).map(drop)
            }
            Form::Rpm => {
                std::fs::create_dir(directory).map_err(|error| error.to_string())?;
                let archive = piped(Command::new("rpm2cpio").arg(&self.file))?;
                let mut cpio = Command::new("cpio");
                cpio.args(["-idm", "--quiet", "--no-absolute-filenames"]).current_dir(directory);
                behind(archive, &mut cpio).map(drop)
            }
        }
    }

    /// How its files are compressed: xz, zstd, gzip, bzip2, lzma or none.
    pub fn compression(&self) -> Result<String, String> {
        match self.form {
            Form::Deb => deb_compression(&self.file).map_err(|error| error.to_string()),
            Form::Rpm => rpm("%{PAYLOADCOMPRESSOR}", &self.file),
        }
    }

    /// The size in bytes of the package built again from the files in `directory`, compressed as the package is, by one
    /// thread: the number of threads would change the size. Of an rpm package, the size of the payload, which is all
    /// but its headers.
    pub fn built_again(&self, directory: &Path, scratch: &Path) -> Result<u64, String> {
        let compression = self.compression()?;
        match self.form {
            Form::Deb => {
                let archive = scratch.join("built.deb");
                let mut command = Command::new("dpkg-deb");
                command.args(["--build", "--root-owner-group", "--threads-max=1"]);
                command.arg(format!("-Z{compression}")).args([directory, &archive]);
                // Newer files get this time. The files of the package are older.
                output(command.env("SOURCE_DATE_EPOCH", "1700000000"))?;
                std::fs::metadata(archive).map(|found| found.len()).map_err(|e| e.to_string())
            }
            Form::Rpm => {
                let list = "find . -mindepth 1 -print0 | LC_ALL=C sort -z | \
                    cpio --null --create --format=newc --reproducible --quiet";
                let archive = piped(Command::new("sh").args(["-c", list]).current_dir(directory))?;
                // `w19.zstdio`, or with the number of threads `w7T0.xzdio`.
                let flags = rpm("%{PAYLOADFLAGS}", &self.file)?;
                let digits = flags.trim_start_matches('w').chars();
                let level: String = digits.take_while(char::is_ascii_digit).collect();
                let level = format!("-{level}");
                let mut compress = match compression.as_str() {
                    "zstd" => with(Command::new("zstd"), &["-c", "-q", "-T1", "--ultra", &level]),
                    "xz" => with(Command::new("xz"), &["-c", "-T1", &level]),
                    "gzip" => with(Command::new("gzip"), &["-c", "-n", &level]),
                    "bzip2" => with(Command::new("bzip2"), &["-c", &level]),
                    other => return Err(format!("the payload is compressed with {other}")),
                };
                behind(archive, &mut compress)
            }
        }
    }
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

/// Fields of an rpm package.
fn rpm(format: &str, file: &Path) -> Result<String, String> {
    let mut command = Command::new("rpm");
    command.args(["-qp", "--nosignature", "--nodigest", "--qf", format]).arg(file);
    output(&mut command).map(|text| String::from_utf8_lossy(&text).into_owned())
}

/// The suffix of the member `data.tar.*` of an ar archive.
fn deb_compression(file: &Path) -> std::io::Result<String> {
    let mut archive = std::fs::File::open(file)?;
    let mut magic = [0; 8];
    archive.read_exact(&mut magic)?;
    loop {
        let mut header = [0; 60];
        archive.read_exact(&mut header)?;
        let text = String::from_utf8_lossy(&header).into_owned();
        let name = text.get(..16).unwrap_or_default().trim_end().trim_end_matches('/');
        if let Some(suffix) = name.strip_prefix("data.tar") {
            return Ok(match suffix {
                "" => "none",
                ".gz" => "gzip",
                ".zst" => "zstd",
                other => other.trim_start_matches('.'),
            }
            .to_owned());
        }
        let size = text.get(48..58).and_then(|size| size.trim().parse::<u64>().ok());
        let size = size.ok_or(std::io::ErrorKind::InvalidData)?;
        std::io::copy(&mut archive.by_ref().take(size + size % 2), &mut std::io::sink())?;
    }
}

/// What a tool prints. The error has its last line of standard error.
fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().map_err(|error| format!("{tool}: {error}"))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("{tool}: {}: {}", done.status, said.lines().last().unwrap_or_default()))
}

/// Starts a tool whose output another one reads.
fn piped(command: &mut Command) -> Result<Child, String> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().map_err(|error| format!("{tool}: {error}"))
}

/// Runs the second tool of a pipe. Returns the number of bytes that it prints.
fn behind(mut first: Child, second: &mut Command) -> Result<u64, String> {
    let tool = second.get_program().to_string_lossy().into_owned();
    let input = first.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let failed = |error: std::io::Error| format!("{tool}: {error}");
    let mut child = second.stdin(input).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut printed = 0;
    if let Some(mut stdout) = child.stdout.take() {
        printed = std::io::copy(&mut stdout, &mut std::io::sink()).map_err(failed)?;
    }
    let statuses = [first.wait().map_err(failed)?, child.wait().map_err(failed)?];
    match statuses.into_iter().find(|status| !status.success()) {
        None => Ok(printed),
        Some(status) => Err(format!("the pipe to {tool}: {status}")),
    }
}
