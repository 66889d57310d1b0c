# Logistic regressions with a random intercept, run to the end: the two models of ../reference_survey.R (case_glmer).
# Usage: Rscript reference_glmer.R OUTDIR (from this folder)
# Needs: R packages lme4, numDeriv, statmod, jsonlite.
#
# glmer stops its inner iteration early (tolPwrss = 1e-7), so that the determinant in Laplace's deviance is not that at
# the mode, and its Hessian is made of differences with steps near the rounding of the deviance. Hence, for each model:
# - lme4: the deviance function of lme4 itself, the inner iteration run to the end (tolPwrss = 1e-13), its optimum by
#   Newton's method, its Hessian by Richardson's extrapolation from steps of half a standard error;
# - own: the same from a likelihood written here, which shares no code with lme4 (nor with the package that is tested).
suppressMessages({library(lme4); library(numDeriv); library(jsonlite)})
data <- read.csv(file.path("..", "sim_countries.csv"))

# The log-likelihood at p = (sd, coefficients): adaptive Gauss-Hermite quadrature, with one node Laplace.
log_likelihood <- function(y, X, group, nodes) {
  sums <- function(v) rowsum(v, group)[, 1]
  rule <- statmod::gauss.quad.prob(nodes, "normal")
  function(p) {
    fixed <- drop(X %*% p[-1]); u <- numeric(max(group))
    for (i in 1:50) {
      mu <- plogis(fixed + p[1] * u[group])
      curvature <- 1 + p[1]^2 * sums(mu * (1 - mu))
      step <- (p[1] * sums(y - mu) - u) / curvature
      if (max(abs(step)) < 1e-14) break
      u <- u + step
    }
    inside <- function(u) sums(plogis((2 * y - 1) * (fixed + p[1] * u[group]), log.p = TRUE)) - u^2 / 2
    at <- sapply(rule$nodes, function(x) inside(u + x / sqrt(curvature)) - inside(u) + x^2 / 2)
    sum(log(exp(at) %*% rule$weights) + inside(u) - log(curvature) / 2)
  }
}

# Where a function is least, by Newton's method in units of `scale`, and the inverse of its Hessian there.
minimum <- function(f, start, scale) {
  p <- start
  near <- function(z) f(p + z * scale)
  steps <- list(eps = 0.5, r = 4, v = 2)
  for (i in 1:6) {
    H <- hessian(near, 0 * p, method.args = steps)
    p <- p - scale * solve(H, grad(near, 0 * p, method.args = steps))
  }
  list(at = p, covariance = solve(hessian(near, 0 * p, method.args = steps)) * outer(scale, scale))
}
told <- function(found) list(estimate = found$at[-1], se = sqrt(diag(found$covariance))[-1], sd_random = found$at[1])

cases <- list()
for (outcome in c("disclosed", "victim")) for (nodes in c(1, 15)) {
  d <- data[complete.cases(data[c(outcome, "sex", "age", "country")]), ]
  formula <- as.formula(paste(outcome, "~ sex + I(age - 13) + (1 | country)"))
  fit <- function(control, ...) glmer(formula, d, family = binomial, nAGQ = nodes, control = control, ...)
  default <- fit(glmerControl())
  start <- unname(c(getME(default, "theta"), fixef(default)))
  scale <- unname(c(start[1] / 4, sqrt(diag(as.matrix(vcov(default))))))
  deviance <- fit(glmerControl(tolPwrss = 1e-13), devFunOnly = TRUE)
  own <- log_likelihood(d[[outcome]], getME(default, "X"), as.integer(factor(d$country)), nodes)
  cases[[length(cases) + 1]] <- list(
    outcome = outcome, nodes = nodes, n = nrow(d), terms = names(fixef(default)),
    lme4 = told(minimum(function(p) deviance(p) / 2, start, scale)),
    own = told(minimum(function(p) -own(p), start, scale)))
}
out <- commandArgs(TRUE)[1]
software <- list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4")),
                 numDeriv = as.character(packageVersion("numDeriv")))
text <- toJSON(list(software = software, cases = cases), auto_unbox = TRUE, digits = I(14))
writeLines(gsub('{"outcome":', '\n{"outcome":', text, fixed = TRUE), file.path(out, "reference_glmer.json"))
