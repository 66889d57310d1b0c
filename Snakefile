"""From microdata to pages: harmonise, run one notebook per insight, compare countries, build the site.

snakemake --config country=all      all countries; also ken, Kenya, ken,uga, phase_two, southeast_asia
results/index.html                  what to open afterwards

Without delivered microdata the synthetic survey is written first. Rules are in workflow/rules, settings in config/.
"""

from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/common.smk"
include: "workflow/rules/microdata.smk"
include: "workflow/rules/harmonise.smk"
include: "workflow/rules/quality.smk"
include: "workflow/rules/suppression.smk"
include: "workflow/rules/insights.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/site.smk"


localrules:
    all,


rule all:
    """Everything for the countries of this run."""
    default_target: True
    input:
        SITE,
        PRODUCTS,
    message:
        "everything is there"
