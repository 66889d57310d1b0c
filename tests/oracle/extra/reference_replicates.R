# Regressions on replicate weights: each model is fitted anew with each replicate's weights (svyglm on a svrepdesign).
# Usage: Rscript reference_replicates.R OUTDIR (from this folder)
# Needs: R packages survey, jsonlite.
# Average marginal effects and predictive margins are computed anew in each replicate, from its weights and its
# coefficients; their variance is svrVar's, as that of the coefficients.
suppressMessages({library(survey); library(jsonlite)})
num <- function(x) as.numeric(unlist(x))
read <- function(file) {
  data <- read.csv(file.path("..", file))
  data$stype <- factor(data$stype)
  data
}
clus1 <- svydesign(ids = ~dnum, weights = ~pw, data = read("apiclus1.csv"))
strat <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = read("apistrat.csv"))
designs <- list(
  clus1 = as.svrepdesign(clus1, type = "JK1"),
  strat = as.svrepdesign(strat, type = "JKn"),
  strat_mse = as.svrepdesign(strat, type = "JKn", mse = TRUE))

# For the whole sample and each replicate, weighted means of what `value` makes of the coefficients: (rows x effects).
effects_of <- function(weights, betas, value)
  do.call(rbind, lapply(seq_len(nrow(betas)), function(r) colSums(value(betas[r, ]) * weights[, r]) / sum(weights[, r])))

cases <- list()
case <- function(design, formula, family, term, categories = NULL, number = NULL, only = NULL) {
  d <- designs[[design]]
  if (!is.null(only)) d <- subset(d, stype == only)
  fam <- switch(family, logistic = quasibinomial(), log_poisson = quasipoisson(), linear = gaussian())
  g <- do.call(svyglm, list(as.formula(formula), design = d, family = fam, return.replicates = TRUE,
                            control = list(epsilon = 1e-14, maxit = 100)))
  b <- coef(g); V <- vcov(g); df <- g$df.residual; wald <- regTermTest(g, as.formula(paste("~", term)))
  r <- list(design = design, formula = formula, family = family, only = only, terms = names(b), estimate = num(b),
            vcov = unname(matrix(V, length(b))), df = df, term = term,
            test = num(wald[c("Ftest", "df", "ddf", "p")]))
  # margins of the categories, differences from the first, and the slope of the number
  X <- model.matrix(g); mu <- fam$linkinv; me <- fam$mu.eta
  all <- cbind(whole = weights(d, "sampling"), weights(d, "analysis"))
  betas <- rbind(b, matrix(g$replicates, ncol = length(b)))
  told <- function(value) {
    found <- effects_of(all, betas, value); again <- found[-1, , drop = FALSE]
    list(estimate = found[1, ], se = sqrt(num(diag(matrix(
      svrVar(again, d$scale, d$rscales, mse = d$mse, coef = found[1, ]), ncol(found))))))
  }
  if (!is.null(categories)) {
    at <- lapply(levels(d$variables[[categories]]), function(l) {
      data <- d$variables; data[[categories]][] <- l
      model.matrix(delete.response(terms(g)), data, xlev = g$xlevels)
    })
    margins <- function(b) sapply(at, function(X) mu(drop(X %*% b)))
    r$categories <- categories
    r$margins <- told(margins)
    r$differences <- told(function(b) margins(b)[, -1, drop = FALSE] - margins(b)[, 1])
  }
  if (!is.null(number)) {
    r$number <- number
    r$slope <- told(function(b) cbind(me(drop(X %*% b)) * b[names(coef(g)) == number]))
  }
  g$replicates <- NULL
  p <- predict(g, d$variables[1:3, ], type = "link", vcov = TRUE); half <- qt(.975, df) * num(SE(p))
  r$predicted <- list(estimate = mu(num(p)), ci_low = mu(num(p) - half), ci_high = mu(num(p) + half))
  cases[[length(cases) + 1]] <<- r
}
for (design in names(designs)) {
  case(design, "api00 ~ ell + meals + stype", "linear", "stype", "stype", "meals")
  case(design, "awards ~ stype + meals", "logistic", "stype", "stype", "meals")
  case(design, "awards ~ stype + meals", "log_poisson", "stype", "stype", "meals")
  case(design, "sch_wide ~ ell * meals", "log_poisson", "ell:meals")
  case(design, "sch_wide ~ ell + meals", "logistic", "meals", number = "ell", only = "E")
}
out <- commandArgs(TRUE)[1]
software <- list(R = paste(R.version$major, R.version$minor, sep = "."), survey = as.character(packageVersion("survey")))
text <- toJSON(list(software = software, cases = cases), auto_unbox = TRUE, digits = I(14), null = "null")
writeLines(gsub('{"design":', '\n{"design":', text, fixed = TRUE), file.path(out, "reference_replicates.json"))
