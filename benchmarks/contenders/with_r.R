# The same estimates by R's survey: Rscript with_r.R FOLDER REPEATS HOW
# HOW: "written" (svyciprop and svyby, one indicator at a time), "vectorised" (svymean of all indicators at once).
# Either may do a part, and says how many times that part the case is ("parts"). Prints a line of JSON.
suppressMessages(library(survey))
arguments <- commandArgs(TRUE)
folder <- arguments[1]; repeats <- as.integer(arguments[2]); how <- arguments[3]

rows <- file.size(file.path(folder, "weight")) / 8
read <- function(name) readBin(file.path(folder, name), "integer", rows, size = 4)
groups <- c("sex", "age", "area", "region")
people <- data.frame(weight = readBin(file.path(folder, "weight"), "double", rows), psu = read("psu"),
                     stratum = read("stratum"), country = read("country"))
for (group in groups) people[[group]] <- read(group)
count <- file.size(file.path(folder, "answers")) / rows
indicators <- paste0("y", seq_len(count) - 1)
connection <- file(file.path(folder, "answers"), "rb")
for (name in indicators) people[[name]] <- readBin(connection, "integer", rows, size = 1)
close(connection)
by_group <- max(people$country) > 0
countries <- if (by_group) split(people, people$country) else list(people)
rm(people)

design_of <- function(country) svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = country)
written <- function(country, names) {
  design <- design_of(country)
  for (name in names) {
    indicator <- make.formula(name)
    svyciprop(indicator, design)
    if (by_group) for (group in groups) svyby(indicator, make.formula(group), design, svyciprop, vartype = "ci")
  }
}
vectorised <- function(country) {
  design <- design_of(country)
  svymean(make.formula(indicators), design)
  if (by_group) for (group in groups) svyby(make.formula(indicators), make.formula(group), design, svymean)
}

parts <- 1
if (how == "written") parts <- if (by_group) length(countries) else length(indicators)
if (how == "vectorised" && by_group) parts <- 5
some <- countries[seq_len(max(1, length(countries) %/% parts))]
seconds <- processor <- numeric(0)
for (turn in seq_len(repeats)) {
  spent <- system.time({
    if (how == "vectorised") for (country in some) vectorised(country)
    else written(countries[[1]], if (by_group) indicators else indicators[1])
  })
  seconds[turn] <- spent[["elapsed"]]
  processor[turn] <- spent[["user.self"]] + spent[["sys.self"]]
}
peak <- as.numeric(gsub("\\D", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024^2
found <- svymean(~y0, design_of(countries[[1]]))
cat(sprintf('{"seconds": [%s], "processor": [%s], "peak": %f, "parts": %d, "check": [%.15g, %.15g]}\n',
            paste(seconds, collapse = ", "), paste(processor, collapse = ", "), peak, parts, coef(found), SE(found)))
